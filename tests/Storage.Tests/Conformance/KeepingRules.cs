using Orleans.Storage;

namespace KgOrleans.Storage.Tests.Conformance;

/// <summary>All rules, and those of a provider that keeps an empty record when a state is cleared (<c>DeleteStateOnClear</c> = false).</summary>
public abstract class KeepingRules(StorageSilo silo, string provider) : ConditionalRules(silo, provider)
{
    protected override int WritesPerGrain => 1;

    [Fact]
    public async Task A_cleared_state_keeps_an_etag_that_guards_the_next_write()
    {
        var state = Named("a");
        await Storage.WriteStateAsync("profile", Grain(), state);
        var before = state.ETag;
        await Storage.ClearStateAsync("profile", Grain(), state);
        Assert.False(string.IsNullOrEmpty(state.ETag));
        Assert.NotEqual(before, state.ETag);

        var read = await ReadAsync("profile", Grain());
        Assert.Equal(("fresh", state.ETag, false), (read.State.Name, read.ETag, read.RecordExists));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("profile", Grain(), Named("b")));
        read.State.Name = "b";
        await Storage.WriteStateAsync("profile", Grain(), read);
        Assert.Equal("b", (await ReadAsync("profile", Grain())).State.Name);
    }
}
