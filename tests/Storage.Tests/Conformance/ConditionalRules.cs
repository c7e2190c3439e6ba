using Orleans.Storage;

namespace KgOrleans.Storage.Tests.Conformance;

/// <summary>All rules, and those about records that are gone, which Orleans' memory provider does not keep.</summary>
public abstract class ConditionalRules(StorageSilo silo, string provider) : StorageRules(silo, provider)
{
    [Fact]
    public async Task A_write_with_an_etag_needs_a_stored_state()
    {
        var state = Named("a");
        await Storage.WriteStateAsync("profile", Grain("1"), state);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("profile", Grain("2"), state));
        Assert.False((await ReadAsync("profile", Grain("2"))).RecordExists);
    }

    [Fact]
    public async Task A_clear_with_an_etag_needs_a_stored_state()
    {
        var state = Named("a");
        await Storage.WriteStateAsync("profile", Grain("1"), state);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync("profile", Grain("2"), state));
    }
}
