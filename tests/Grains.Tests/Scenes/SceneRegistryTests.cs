using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Scenes;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace KgOrleans.Grains.Tests.Scenes;

[Trait("Suite", "Cluster")]
public sealed class SceneRegistryTests
{
    private static readonly (string Old, string New) SecondVersion = ("\"version\":1", "\"version\":2");
    private static readonly (string Old, string New) SecondNewest = ("\"newest\":1", "\"newest\":2");

    private readonly GatedStorage _storage = new();
    private readonly MessageLog _log = new();

    [Fact]
    public async Task Versions_survive_a_restart_and_are_served_by_at_once()
    {
        var data = TestNode.NewData();
        try
        {
            await using (var node = await TestNode.StartAsync(data))
            {
                Assert.Equal((WriteStatus.Created, 1L), await node.PutSceneAsync(Kids(100)));
                Assert.Equal((WriteStatus.Updated, 2L), await node.PutSceneAsync(Kids(200)));
                Assert.Equal((WriteStatus.Updated, 2L), await node.PutSceneAsync(BuiltInScenes.All["feed"] with { DeadlineMs = 300 }));
                Assert.Equal(200, node.Service<SceneHost>().Find("kids")!.Document.DeadlineMs);
            }
            await using (var node = await TestNode.StartAsync(data))
            {
                Assert.Equal((2, 200), (node.Service<SceneHost>().Find("kids")!.Version, node.Service<SceneHost>().Find("kids")!.Document.DeadlineMs));
                Assert.Equal((2, 300), (node.Service<SceneHost>().Find("feed")!.Version, node.Service<SceneHost>().Find("feed")!.Document.DeadlineMs));
                Assert.Equal((WriteStatus.Updated, 3L), await node.WriteSceneAsync(Restore("kids", 1)));
                Assert.Equal((3, 100), (node.Service<SceneHost>().Find("kids")!.Version, node.Service<SceneHost>().Find("kids")!.Document.DeadlineMs));
                Assert.Equal([(3, 1), (2, null), (1, null)], (await Registry(node).GetVersions("kids"))!.Select(v => (v.Version, v.RestoredFrom)));
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task All_scenes_with_versions_of_the_largest_size_fit_into_the_state()
    {
        // Two hundred tags of the longest sort, twice, and some more: just below the largest document.
        string[] tags = [.. Enumerable.Range(0, 200).Select(i => $"{i:d3}".PadLeft(Limits.IdLength, 't'))];
        object[] clauses = [.. Enumerable.Range(0, 3).Select(i => (object)new { field = "tags", @in = tags.Take(i == 2 ? 80 : 200) })];
        SceneCommand Put(string name, int i) => new()
        {
            Scene = name,
            Json = JsonSerializer.SerializeToUtf8Bytes(
                Kids(100 + i) with { Scene = name, Discovery = new() { Filter = JsonSerializer.SerializeToElement(new { any = clauses }) } }, KgJson.Options),
        };
        var state = new SceneRegistryState();
        for (var scene = 0; scene < SceneLimits.Scenes; scene++)
        {
            var (next, created) = await SceneRegistry.ApplyAsync(state, Put($"s{scene}", 0), DateTimeOffset.UnixEpoch, ids => throw new NotSupportedException());
            Assert.Equal(WriteStatus.Created, created.Status);
            // As an older release left them: fifty versions of each, whatever their size.
            var first = next.Scenes[$"s{scene}"].Versions[0];
            Assert.InRange(first.Document.GetRawText().Length, 60_000, SceneLimits.DocumentBytes);
            state = next with
            {
                Scenes = new Dictionary<string, SceneRecord>(next.Scenes)
                {
                    [$"s{scene}"] = new(50, [.. Enumerable.Range(1, 50).Select(v => first with { Version = v })]),
                },
            };
        }

        var (cut, written) = await SceneRegistry.ApplyAsync(state, Put("s7", 9), DateTimeOffset.UnixEpoch, ids => throw new NotSupportedException());

        Assert.Equal((WriteStatus.Updated, 51L), (written.Status, written.Version));
        Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(cut, KgJson.Options).Length, 8 << 20, SqliteGrainStorageOptions.DefaultMaxStateBytes);
        Assert.Equal([51, 50, 49, 48, 47, 46], SceneRegistry.Versions(cut, "s7")!.Select(v => v.Version));
        Assert.Equal([50, 49, 48, 47, 46, 45], SceneRegistry.Versions(cut, "s31")!.Select(v => v.Version));
    }

    [Fact]
    public async Task The_newest_fifty_versions_are_kept_and_the_built_in_one()
    {
        await using var node = await StartAsync();
        for (var i = 0; i < 60; i++)
            Assert.Equal((i == 0 ? WriteStatus.Created : WriteStatus.Updated, i + 1L), await node.PutSceneAsync(Kids(100 + i)));
        for (var i = 0; i < 60; i++)
            await node.PutSceneAsync(BuiltInScenes.All["feed"] with { DeadlineMs = 100 + i });

        Assert.Equal(Enumerable.Range(11, 50).Reverse(), (await Registry(node).GetVersions("kids"))!.Select(v => v.Version));
        Assert.Equal([.. Enumerable.Range(12, 50).Reverse(), 1], (await Registry(node).GetVersions("feed"))!.Select(v => v.Version));
        Assert.Equal(WriteStatus.NotFound, (await node.WriteSceneAsync(Restore("kids", 1))).Status);
        Assert.Equal((WriteStatus.Updated, 62L), await node.WriteSceneAsync(Restore("feed", 1)));
    }

    [Fact]
    public async Task A_write_of_another_version_is_refused_before_anything_is_stored()
    {
        await using var node = await StartAsync();
        await node.PutSceneAsync(Kids(100));

        Assert.Equal(WriteStatus.VersionMismatch, (await node.PutSceneAsync(Kids(200), ifMatch: 2)).Status);
        Assert.Equal((WriteStatus.Updated, 2L), await node.PutSceneAsync(Kids(200), ifMatch: 1));
    }

    [Fact]
    public async Task Pins_must_exist_when_they_are_written()
    {
        await using var node = await StartAsync();
        await node.PutAsync(SampleCatalogue.Items(5));
        var pinned = Kids(100) with { ReRank = new() { Pins = [new("w1", 0), new("gone", 1), new("w3", 2)] } };

        var refused = await Registry(node).Write(Put(pinned), default);

        Assert.Equal((WriteStatus.Invalid, "reRank.pins[1].itemId"), (refused.Status, Assert.Single(refused.Errors).Field));
        Assert.Null(node.Service<SceneHost>().Find("kids"));
        Assert.Equal(WriteStatus.Created, (await node.PutSceneAsync(pinned with { ReRank = new() { Pins = [new("w1", 0), new("w3", 2)] } })).Status);
    }

    [Fact]
    public async Task A_store_that_is_away_is_unavailable_and_what_was_served_serves_on()
    {
        await using var node = await StartAsync();
        await node.PutAsync(SampleCatalogue.Items(30));
        await node.PutSceneAsync(Kids(5_000));
        _storage.IsBroken = true;

        Assert.Equal(WriteStatus.Unavailable, (await node.PutSceneAsync(Kids(200))).Status);
        Assert.Equal(5_000, node.Service<SceneHost>().Find("kids")!.Document.DeadlineMs);
        Assert.NotEmpty((await node.PageAsync("u1", c => c with { Scene = "kids" })).Items);

        _storage.IsBroken = false;
        Assert.Equal((WriteStatus.Updated, 2L), await node.PutSceneAsync(Kids(200)));
        Assert.Equal(200, node.Service<SceneHost>().Find("kids")!.Document.DeadlineMs);
    }

    [Fact]
    public async Task A_write_that_takes_longer_than_the_scenes_own_limit_is_unavailable()
    {
        _storage.ObeysCancellation = true;
        await using var node = await StartAsync(new() { ["Kg:Scenes:WriteTimeoutMs"] = "100", ["Kg:UserState:WriteTimeoutMs"] = "60000" });
        _storage.Close();
        Assert.Equal(WriteStatus.Unavailable, (await node.PutSceneAsync(Kids(100))).Status);
        _storage.Open();
        Assert.Equal((WriteStatus.Created, 1L), await node.PutSceneAsync(Kids(100)));
    }

    [Fact]
    public async Task The_registrys_state_names_scenes_with_their_versions_and_what_was_deleted()
    {
        await using var node = await StartAsync();
        await node.PutSceneAsync(Kids(100));
        await node.PutSceneAsync(Kids(100) with { Scene = "gone" });
        await node.PutSceneAsync(Kids(200));
        await node.WriteSceneAsync(new SceneCommand { Operation = SceneOperation.Delete, Scene = "gone" });

        var state = await Registry(node).GetState();

        Assert.Equal(4, state.Revision);
        Assert.Contains("kids version 2", state.Scenes);
        Assert.Contains("feed version 1, built in", state.Scenes);
        Assert.Equal(BuiltInScenes.All.Count + 1, state.Scenes.Count);
        Assert.Equal(["gone"], state.Deleted);
    }

    [Fact]
    public async Task A_registry_that_another_activation_wrote_is_unavailable_once_then_read_again()
    {
        await using var node = await StartAsync();
        await node.PutSceneAsync(Kids(100));
        Rewrite(("\"deadlineMs\":100", "\"deadlineMs\":150"), ("\"revision\":1", "\"revision\":9"));

        Assert.Equal(WriteStatus.Unavailable, (await node.PutSceneAsync(Kids(200))).Status);

        Assert.Equal((WriteStatus.Updated, 2L), await UntilAsync(() => node.PutSceneAsync(Kids(300)), r => r.Status != WriteStatus.Unavailable));
        Assert.Equal(10, node.Service<SceneHost>().Revision);
        var first = await Registry(node).GetVersion("kids", 1);
        Assert.Contains("\"deadlineMs\":150", System.Text.Encoding.UTF8.GetString(first!.Json), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_another_silo_made_is_served_by_within_a_poll()
    {
        await using var node = await StartAsync();
        await node.PutSceneAsync(Kids(100));
        Rewrite(("\"deadlineMs\":100", "\"deadlineMs\":150"), SecondVersion, SecondNewest, ("\"revision\":1", "\"revision\":9"));
        await node.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

        Assert.Equal(150, await UntilAsync(() => Task.FromResult(node.Service<SceneHost>().Find("kids")!.Document.DeadlineMs), ms => ms != 100));
    }

    [Fact]
    public async Task Without_its_scenes_a_silo_serves_nothing_and_says_so_until_it_has_them()
    {
        _storage.IsAway = true;
        await using var node = await StartAsync();

        Assert.Equal(-1, (await node.Grains.GetGrain<ICoordinatorGrain>(0).GetState()).SceneRevision);
        var reply = await node.RecommendAsync("u1");
        Assert.Equal((RecommendStatus.Unavailable, "the scenes are not loaded yet"), (reply.Status, reply.Detail));
        Assert.Single(_log.Messages, m => m.Contains("The scenes cannot be read", StringComparison.Ordinal));

        _storage.IsAway = false;
        await UntilAsync(async () => (await node.Grains.GetGrain<ICoordinatorGrain>(0).GetState()).SceneRevision, revision => revision == 0);
        Assert.Equal(RecommendStatus.Ok, (await node.RecommendAsync("u1")).Status);
    }

    [Fact]
    public async Task A_stored_scene_that_cannot_be_served_leaves_what_is_and_is_repaired_by_a_put()
    {
        await using var node = await StartAsync();
        await node.PutSceneAsync(Kids(100));
        Rewrite(("\"deadlineMs\":100", "\"deadlineMs\":-5"), SecondVersion, SecondNewest, ("\"revision\":1", "\"revision\":9"));
        await node.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

        const string unusable = "Revision 9 of the scenes has a scene that this software cannot serve. Still serving revision 1";
        await UntilAsync(() => Task.FromResult(_log.Messages.Any(m => m.Contains(unusable, StringComparison.Ordinal))), said => said);
        Assert.Equal((1, 1L), (node.Service<SceneHost>().Find("kids")!.Version, node.Service<SceneHost>().Revision));

        Assert.Equal((WriteStatus.Updated, 3L), await node.PutSceneAsync(Kids(300)));
        Assert.Equal((3, 10L), (node.Service<SceneHost>().Find("kids")!.Version, node.Service<SceneHost>().Revision));
    }

    [Fact]
    public async Task A_state_of_a_newer_format_is_refused_and_left_alone()
    {
        await using var node = await StartAsync();
        await node.PutSceneAsync(Kids(100));
        Rewrite(("\"format\":1", "\"format\":99"));
        await node.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

        var failure = await UntilAsync(async () => await Record.ExceptionAsync(() => node.PutSceneAsync(Kids(200))), e => e is not null);

        Assert.Contains("format 99", failure!.ToString(), StringComparison.Ordinal);
        Assert.Equal(100, node.Service<SceneHost>().Find("kids")!.Document.DeadlineMs);
    }

    private static SceneDocument Kids(int deadlineMs) => new() { Scene = "kids", DeadlineMs = deadlineMs };

    private static SceneCommand Put(SceneDocument document) =>
        new() { Scene = document.Scene, Json = JsonSerializer.SerializeToUtf8Bytes(document, KgJson.Options) };

    private static SceneCommand Restore(string scene, int version) => new() { Operation = SceneOperation.Restore, Scene = scene, Version = version };

    private static ISceneRegistryGrain Registry(TestNode node) => node.Grains.GetGrain<ISceneRegistryGrain>(ISceneRegistryGrain.Key);

    private static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var value = await read();
            if (condition(value))
                return value;
            await Task.Delay(10, limit.Token);
        }
    }

    private Task<TestNode> StartAsync(Dictionary<string, string?>? settings = null) =>
        TestNode.StartAsync(
            settings: settings, services: services => services.AddKeyedSingleton<IGrainStorage>("Default", _storage).AddSingleton<ILoggerProvider>(_log));

    /// <summary>Changes the stored state without the grain, as another activation would.</summary>
    private void Rewrite(params (string Old, string New)[] changes) =>
        _storage.ReplaceState(
            "scenes/sceneregistry/0", json => changes.Aggregate(json, (text, change) => text.Replace(change.Old, change.New, StringComparison.Ordinal)));
}
