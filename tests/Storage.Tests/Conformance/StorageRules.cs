using Orleans.Storage;

namespace KgOrleans.Storage.Tests.Conformance;

/// <summary>
/// The rules of Orleans grain storage that the product counts on: SQLite, the official Azure Blob provider and Orleans' own memory provider obey them.
/// </summary>
[Collection(nameof(StorageRules))]
[Trait("Suite", "Cluster")]
public abstract class StorageRules(StorageSilo silo, string provider)
{
    // Every test has grains of its own: the providers are shared.
    private readonly string _run = Guid.NewGuid().ToString("N");

    protected StorageSilo Silo { get; } = silo;

    protected IGrainStorage Storage => Silo.Provider(provider);

    /// <summary>Writes of the concurrency test, per grain.</summary>
    protected virtual int WritesPerGrain => 100;

    [Fact]
    public async Task What_was_never_written_reads_as_a_fresh_state_that_does_not_exist()
    {
        var state = new Stored<Profile> { State = new Profile { Name = "stale" }, ETag = "\"7\"", RecordExists = true };
        await Storage.ReadStateAsync("profile", Grain(), state);
        Assert.Equal(("fresh", null, false), (state.State.Name, state.ETag, state.RecordExists));
    }

    [Fact]
    public async Task What_was_written_reads_back_with_its_etag()
    {
        var state = Named("a");
        await Storage.WriteStateAsync("profile", Grain(), state);
        Assert.True(state.RecordExists);
        var first = state.ETag;
        Assert.False(string.IsNullOrEmpty(first));
        state.State = new Profile { Name = "b", Seen = [1, 2, 3] };
        await Storage.WriteStateAsync("profile", Grain(), state, TestContext.Current.CancellationToken);
        Assert.NotEqual(first, state.ETag);
        var read = await ReadAsync("profile", Grain());
        Assert.Equal(("b", state.ETag, true), (read.State.Name, read.ETag, read.RecordExists));
        Assert.Equal([1, 2, 3], read.State.Seen);
    }

    [Fact]
    public async Task States_are_kept_apart_by_name_and_by_grain()
    {
        await Storage.WriteStateAsync("profile", Grain("1"), Named("a"));
        await Storage.WriteStateAsync("history", Grain("1"), Named("b"));
        await Storage.WriteStateAsync("profile", Grain("2"), Named("c"));
        Assert.Equal("a", (await ReadAsync("profile", Grain("1"))).State.Name);
        Assert.Equal("b", (await ReadAsync("history", Grain("1"))).State.Name);
        Assert.Equal("c", (await ReadAsync("profile", Grain("2"))).State.Name);
    }

    [Fact]
    public async Task A_write_that_expects_another_state_conflicts_and_changes_nothing()
    {
        var state = Named("a");
        await Storage.WriteStateAsync("profile", Grain(), state);
        var stale = state.ETag;
        await Storage.WriteStateAsync("profile", Grain(), state);
        foreach (var etag in (string?[])[stale, null])
        {
            var loser = Named("loser");
            loser.ETag = etag;
            var conflict = await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("profile", Grain(), loser));
            Assert.Equal(etag, conflict.CurrentEtag);
            Assert.Equal(etag, loser.ETag);
        }
        var read = await ReadAsync("profile", Grain());
        Assert.Equal(("a", state.ETag), (read.State.Name, read.ETag));
    }

    [Fact]
    public async Task Clearing_leaves_a_fresh_state_and_may_be_repeated()
    {
        var state = Named("a");
        await Storage.WriteStateAsync("profile", Grain(), state);
        await Storage.ClearStateAsync("profile", Grain(), state, TestContext.Current.CancellationToken);
        Assert.Equal(("fresh", false), (state.State.Name, state.RecordExists));
        Assert.False((await ReadAsync("profile", Grain())).RecordExists);
        await Storage.ClearStateAsync("profile", Grain(), state);
        state.State.Name = "again";
        await Storage.WriteStateAsync("profile", Grain(), state);
        Assert.Equal("again", (await ReadAsync("profile", Grain())).State.Name);
    }

    [Fact]
    public async Task A_clear_that_expects_another_state_conflicts_and_changes_nothing()
    {
        var state = Named("a");
        await Storage.WriteStateAsync("profile", Grain(), state);
        var stale = Named("stale");
        stale.ETag = state.ETag;
        await Storage.WriteStateAsync("profile", Grain(), state);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync("profile", Grain(), stale));
        Assert.Equal("a", (await ReadAsync("profile", Grain())).State.Name);
    }

    [Fact]
    public async Task Grain_ids_with_odd_characters_have_states_of_their_own()
    {
        string[] keys = ["a b", "a%20b", "a+b", "ä/ö", "a?b#c", "a\\b", "a:b", "...", " ", "a'b\"c", "点歌", "a\tb", "%2e%2e", "x.json", "a//b", "a/"];
        foreach (var key in keys)
            await Storage.WriteStateAsync("profile", Grain(key), Named(key));
        foreach (var key in keys)
            Assert.Equal(key, (await ReadAsync("profile", Grain(key))).State.Name);
    }

    [Fact]
    public async Task A_state_of_several_megabytes_reads_back()
    {
        var state = new Stored<Profile> { State = new Profile { Name = "large", Seen = [.. Enumerable.Range(0, 500_000).Select(i => (long)i * i)] } };
        await Storage.WriteStateAsync("profile", Grain(), state);
        Assert.Equal(state.State.Seen, (await ReadAsync("profile", Grain())).State.Seen);
    }

    [Fact]
    public async Task Of_racing_writers_exactly_one_wins_each_round()
    {
        const int Writers = 8, Rounds = 20;
        string? etag = null;
        for (var round = 0; round < Rounds; round++)
        {
            var states = Enumerable.Range(0, Writers).Select(writer => Named($"{round}.{writer}")).ToArray();
            var won = await Task.WhenAll(states.Select(state => Task.Run(async () =>
            {
                state.ETag = etag;
                try
                {
                    await Storage.WriteStateAsync("profile", Grain(), state);
                    return true;
                }
                catch (InconsistentStateException)
                {
                    return false;
                }
            })));
            Assert.Equal(1, won.Count(w => w));
            var winner = states[Array.IndexOf(won, true)];
            etag = winner.ETag;
            var read = await ReadAsync("profile", Grain());
            Assert.Equal((winner.State.Name, etag), (read.State.Name, read.ETag));
        }
    }

    [Fact]
    public async Task A_thousand_grains_written_from_several_threads_keep_their_last_states()
    {
        const int Grains = 1000, Threads = 32;
        var states = Enumerable.Range(0, Grains).Select(i => Named($"{i}")).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            for (var write = 1; write <= WritesPerGrain; write++)
            {
                for (var i = thread; i < Grains; i += Threads)
                {
                    states[i].State.Seen = [write];
                    await Storage.WriteStateAsync("profile", Grain($"{i}"), states[i]);
                }
            }
        })));
        for (var i = 0; i < Grains; i++)
        {
            var read = await ReadAsync("profile", Grain($"{i}"));
            Assert.Equal(($"{i}", WritesPerGrain, states[i].ETag), (read.State.Name, Assert.Single(read.State.Seen), read.ETag));
        }
    }

    protected GrainId Grain(string key = "42") => GrainId.Create("user", $"{_run}-{key}");

    protected static Stored<Profile> Named(string name) => new() { State = new Profile { Name = name } };

    protected async Task<Stored<Profile>> ReadAsync(string name, GrainId grain)
    {
        var state = new Stored<Profile>();
        await Storage.ReadStateAsync(name, grain, state);
        return state;
    }
}

/// <summary>Tests that share the silo run one after the other.</summary>
[CollectionDefinition(nameof(StorageRules))]
public sealed class StorageRulesCollection : ICollectionFixture<StorageSilo>;
