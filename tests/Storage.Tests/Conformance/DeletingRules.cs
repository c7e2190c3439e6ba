using Orleans.Storage;

namespace KgOrleans.Storage.Tests.Conformance;

/// <summary>All rules, and those of a provider that deletes the record when a state is cleared, the default.</summary>
public abstract class DeletingRules(StorageSilo silo, string provider) : ConditionalRules(silo, provider)
{
    [Fact]
    public async Task A_cleared_state_has_no_etag_and_old_ones_never_match_again()
    {
        var state = Named("a");
        await Storage.WriteStateAsync("profile", Grain(), state);
        var old = state.ETag;
        await Storage.ClearStateAsync("profile", Grain(), state);
        Assert.Null(state.ETag);
        Assert.Null((await ReadAsync("profile", Grain())).ETag);
        await Storage.WriteStateAsync("profile", Grain(), state);
        var zombie = Named("zombie");
        zombie.ETag = old;
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("profile", Grain(), zombie));
    }
}
