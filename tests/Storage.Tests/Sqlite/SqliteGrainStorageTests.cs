using KgOrleans.Storage.Sqlite;
using Orleans.Storage;

namespace KgOrleans.Storage.Tests.Sqlite;

[Trait("Suite", "Unit")]
public sealed class SqliteGrainStorageTests : IAsyncLifetime
{
    private static readonly GrainId User = GrainId.Create("user", "42");
    private readonly SqliteFixture _fixture = new();

    private IGrainStorage Storage => _fixture.Storage;

    public async ValueTask InitializeAsync() => await _fixture.OpenAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Created_and_updated_states_read_back_also_after_reopening()
    {
        var state = Named("a");
        await Storage.WriteStateAsync("profile", User, state);
        Assert.True(state.RecordExists);
        string first = state.ETag;
        state.State.Name = "b";
        state.State.Seen = [1, 2, 3];
        await Storage.WriteStateAsync("profile", User, state, CancellationToken.None);
        Assert.NotEqual(first, state.ETag);

        await _fixture.ReopenAsync();
        var read = await ReadAsync("profile", User);
        Assert.Equal(("b", state.ETag, true), (read.State.Name, read.ETag, read.RecordExists));
        Assert.Equal([1, 2, 3], read.State.Seen);
        read.State.Name = "c";
        await Storage.WriteStateAsync("profile", User, read);
        Assert.Equal("c", (await ReadAsync("profile", User)).State.Name);
    }

    [Fact]
    public async Task A_write_with_a_stale_etag_or_none_conflicts_and_changes_nothing()
    {
        var state = Named("a");
        await Storage.WriteStateAsync("profile", User, state);
        string stale = state.ETag;
        await Storage.WriteStateAsync("profile", User, state);

        foreach (string? etag in (string?[])[stale, null, "not ours", "0"])
        {
            var loser = Named("loser");
            loser.ETag = etag!;
            var conflict = await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("profile", User, loser));
            Assert.Equal(state.ETag, conflict.StoredEtag);
            Assert.Equal(etag, loser.ETag);
            await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync("profile", User, loser));
        }
        var read = await ReadAsync("profile", User);
        Assert.Equal(("a", state.ETag), (read.State.Name, read.ETag));
    }

    [Fact]
    public async Task Clearing_deletes_and_old_etags_never_match_again()
    {
        var state = Named("a");
        await Storage.WriteStateAsync("profile", User, state);
        string old = state.ETag;
        await Storage.ClearStateAsync("profile", User, state, CancellationToken.None);
        Assert.Equal(("fresh", null, false), (state.State.Name, state.ETag, state.RecordExists));
        await Storage.ClearStateAsync("profile", User, state);

        await _fixture.ReopenAsync();
        Assert.False((await ReadAsync("profile", User)).RecordExists);
        state.State.Name = "again";
        await Storage.WriteStateAsync("profile", User, state);
        Assert.NotEqual(old, state.ETag);
        var zombie = Named("zombie");
        zombie.ETag = old;
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("profile", User, zombie));
    }

    [Fact]
    public async Task A_state_over_the_limit_is_refused_before_the_file_sees_it()
    {
        _fixture.Options.MaxStateBytes = 1000;
        var state = Named(new string('x', 1000));
        await Assert.ThrowsAsync<StorageException>(() => Storage.WriteStateAsync("profile", User, state));
        Assert.Null(state.ETag);
        Assert.False((await ReadAsync("profile", User)).RecordExists);
    }

    [Fact]
    public async Task Outside_the_silos_life_calls_fail_as_transient()
    {
        await _fixture.CloseAsync();
        Assert.True((await Assert.ThrowsAsync<StorageException>(() => Storage.ReadStateAsync("profile", User, Named("a")))).IsTransient);
        Assert.True((await Assert.ThrowsAsync<StorageException>(() => Storage.WriteStateAsync("profile", User, Named("a")))).IsTransient);
    }

    [Fact]
    public async Task The_offline_reader_lists_states_while_the_silo_runs_and_after()
    {
        for (int key = 0; key < 3; key++)
            await Storage.WriteStateAsync("profile", GrainId.Create("user", $"{key}"), Named($"n{key}"));
        await Storage.WriteStateAsync("history", User, Named("h"));
        AssertContent();
        await _fixture.CloseAsync();
        AssertContent();

        void AssertContent()
        {
            using var reader = SqliteStateReader.Open(_fixture.File);
            Assert.Equal(
                ["history user/42", "profile user/0", "profile user/1", "profile user/2"],
                reader.ReadAll().Select(state => $"{state.StateName} {state.GrainId}"));
            Assert.Equal(
                ["n0", "n1", "n2"],
                reader.ReadAll("profile").Select(state => new StateJsonSerializer().Deserialize<Profile>(BinaryData.FromBytes(state.Payload))!.Name));
        }
    }

    private static Stored<Profile> Named(string name) => new() { State = new Profile { Name = name } };

    private async Task<Stored<Profile>> ReadAsync(string name, GrainId grain)
    {
        var state = new Stored<Profile>();
        await Storage.ReadStateAsync(name, grain, state);
        return state;
    }
}
