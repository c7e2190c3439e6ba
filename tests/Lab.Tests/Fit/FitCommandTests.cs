using System.Globalization;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Inference.Bundles;
using KgOrleans.Lab.Fit;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage;
using KgOrleans.Storage.Events;
using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Lab.Tests.Fit;

[Trait("Suite", "Unit")]
public sealed class FitCommandTests : IDisposable
{
    private const int Group = 20;
    private readonly string _folder = Directory.CreateTempSubdirectory("kg-fit-").FullName;

    private string Events => Path.Combine(_folder, "events.ndjson");

    private string Items => Path.Combine(_folder, "items.ndjson");

    private string Bundle => Path.Combine(_folder, "bundle");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_history_in_files_becomes_a_bundle_that_beats_popularity_and_is_told_how_to_be_served()
    {
        Write(Items, Enumerable.Range(0, 2 * Group).Select(i => Item(i)));
        Write(Events, TwoGroups());
        var run = await FitAsync("--items", Items);
        Assert.Equal((ExitCode.Ok, ""), (run.Exit, run.Error));
        Assert.Contains("factors, chosen", run.Out);
        Assert.Contains("No fine ranker: the history has no impressions", run.Out);
        Assert.Contains($"Kg__Model__Path={Bundle} Kg__Catalogue__WorldId=main", run.Out);
        using var bundle = ModelBundle.Load(Bundle);
        Assert.Equal("main", bundle.WorldId);
        Assert.True(bundle.Manifest.Metrics["innerNdcg10"] > bundle.Manifest.Metrics["innerPopularityNdcg10"]);
        Assert.Equal([Bundle, Events, Items], Directory.GetFileSystemEntries(_folder).Order());

        var block = ItemColumns.Block([.. Enumerable.Range(0, 2 * Group).Select(i => Item(i)), Item(99) with { Tags = ["g1"] }], 4, bundle.EmbeddingDimension);
        bundle.ItemTower.Compute(block, block.Embeddings);
        var state = new UserState { LastEventAt = 1, History = [Liked("i21"), Liked("i25"), Liked("i30")] };
        var user = bundle.UserTower.Compute(UserSnapshot.Create("new", state, 60_000), 0);
        var order = Enumerable.Range(0, block.Count).OrderByDescending(i => Kernels.Dot.DotProduct.Single(user, block.EmbeddingOf(i))).ToArray();
        Assert.All(order[..Group], i => Assert.True(i >= Group));
        // The item that nobody has met stands with those of its tag, before every item of the other group.
        Assert.True(Array.IndexOf(order, 2 * Group) <= Group + 1);
    }

    [Fact]
    public async Task The_same_history_gives_the_same_vectors_on_any_number_of_threads_and_replaces_the_bundle_before()
    {
        Write(Events, TwoGroups());
        Assert.Equal(ExitCode.Ok, (await FitAsync("--threads", "1", "--version-id", "one")).Exit);
        var first = File.ReadAllBytes(Path.Combine(Bundle, "factors.bin"));
        Assert.Equal(ExitCode.Ok, (await FitAsync("--threads", "3", "--version-id", "two")).Exit);
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(Bundle, "factors.bin")));
        using var bundle = ModelBundle.Load(Bundle);
        Assert.Equal("two", bundle.Version);
    }

    [Fact]
    public async Task What_the_caller_gives_is_not_searched()
    {
        Write(Events, TwoGroups());
        Assert.Equal(ExitCode.Ok, (await FitAsync("--dimension", "5", "--unseen-weight", "0.2", "--regularisation", "0.07", "--epochs", "3")).Exit);
        using var bundle = ModelBundle.Load(Bundle);
        var settings = bundle.Manifest.Factors!.Settings;
        Assert.Equal((5, 0.2, 0.07, 3), (settings.Dimension, settings.UnobservedWeight, settings.Regularisation, settings.Epochs));
    }

    [Fact]
    public async Task What_was_taken_back_is_disliked_or_reported_is_no_like_and_short_plays_are_none()
    {
        Write(Events,
            Event("u1", "a", EventType.Like, 1), Event("u1", "b", EventType.Like, 1), Event("u2", "a", EventType.Like, 1),
            Event("u1", "taken", EventType.Like, 1), Event("u1", "taken", EventType.Like, 2) with { Undo = true },
            Event("u2", "disliked", EventType.Share, 1), Event("u2", "disliked", EventType.Dislike, 2),
            Event("u2", "stays", EventType.Dislike, 1), Event("u2", "stays", EventType.Share, 2),
            Event("u1", "reported", EventType.Report, 1), Event("u1", "reported", EventType.Like, 2),
            Event("u2", "forgiven", EventType.Dislike, 1), Event("u2", "forgiven", EventType.Share, 2),
            Event("u2", "forgiven", EventType.Dislike, 3) with { Undo = true },
            Event("u2", "short", EventType.Play, 1) with { Value = 0.2 }, Event("u2", "long", EventType.Play, 1) with { Value = 0.9 });
        var run = await FitAsync();
        Assert.Equal(ExitCode.Ok, run.Exit);
        Assert.Contains("No user has the 5 likes", run.Out);
        Assert.Contains("5 likes of 2 users and 4 items", run.Out);
    }

    [Fact]
    public async Task A_history_that_nothing_can_be_learnt_from_is_refused_with_the_reason_and_leaves_the_bundle_before_as_it_was()
    {
        Write(Events, TwoGroups());
        Assert.Equal(ExitCode.Ok, (await FitAsync("--version-id", "before")).Exit);

        Write(Events, Event("u1", "a", EventType.Impression, 1), Event("u2", "a", EventType.Skip, 1));
        await RefusedAsync("none of 2 events is positive");
        Write(Events, Event("u1", "a", EventType.Like, 1), Event("u1", "b", EventType.Like, 1), Event("u2", "a", EventType.Impression, 1));
        await RefusedAsync("user u1 is the only one with positive events");
        Write(Items, Item(0), Item(1) with { WorldId = "other" });
        Write(Events, Event("u1", "i0", EventType.Like, 1), Event("u2", "i1", EventType.Like, 1));
        await RefusedAsync("the history has items of 2 worlds (main: 1 items, other: 1 items)", "--items", Items);
        Write(Events, Event("u1", "x", EventType.Like, 1), Event("u2", "x", EventType.Like, 1));
        await RefusedAsync("2 are of items without a document", "--items", Items);
        File.WriteAllText(Events, "{\"userId\":\"u1\"\n");
        await RefusedAsync("events.ndjson line 1");
        using var bundle = ModelBundle.Load(Bundle);
        Assert.Equal("before", bundle.Version);
    }

    [Fact]
    public async Task Of_two_worlds_the_one_that_is_named_is_fitted()
    {
        Write(Items, Enumerable.Range(0, 2 * Group).Select(i => Item(i) with { WorldId = i < Group ? "left" : "right" }));
        Write(Events, TwoGroups());
        Assert.Equal(ExitCode.Ok, (await FitAsync("--items", Items, "--world", "right")).Exit);
        using var bundle = ModelBundle.Load(Bundle);
        Assert.Equal(("right", Group), (bundle.WorldId, bundle.Manifest.Factors!.Items));
    }

    [Fact]
    public async Task A_data_directory_is_fitted_for_the_world_that_it_was_made_for()
    {
        var path = Path.Combine(_folder, "data");
        using (var data = DataDirectory.Open(path))
        {
            data.WriteDocument("catalogue", new Catalogue("mine"));
            var store = new LocalLogStore(data.LogsPath, NullLogger<LocalLogStore>.Instance);
            await using var log = await EventLog.OpenAsync(store, new EventLogOptions());
            foreach (var user in (string[])["u1", "u2"])
            {
                var payload = JsonSerializer.SerializeToUtf8Bytes(Event(user, "a", EventType.Like, 1), KgJson.Options);
                await log.AppendAsync(Key64.Of(user), [new EventEntry(Key64.Of(user), payload)]);
            }
        }
        var run = await LabRun.OfAsync("fit", "--data", path, "--out", Bundle);
        Assert.Equal((ExitCode.Ok, ""), (run.Exit, run.Error));
        Assert.Contains("No fine ranker: there are no item documents", run.Out);
        using var bundle = ModelBundle.Load(Bundle);
        Assert.Equal("mine", bundle.WorldId);
    }

    [Fact]
    public async Task An_export_is_fitted_for_the_world_that_its_items_name()
    {
        var folder = Path.Combine(_folder, "export");
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, "items.ndjson"), Enumerable.Range(0, 2 * Group).Select(i => Item(i) with { WorldId = "mine" }));
        Write(Path.Combine(folder, "events.ndjson"), TwoGroups());
        var run = await LabRun.OfAsync("fit", "--data", folder, "--out", Bundle);
        Assert.Equal((ExitCode.Ok, ""), (run.Exit, run.Error));
        using var bundle = ModelBundle.Load(Bundle);
        Assert.Equal(("mine", 2 * Group), (bundle.WorldId, bundle.Manifest.Factors!.Items));
    }

    [Fact]
    public async Task A_folder_with_something_else_and_a_wrong_option_are_refused_before_anything_is_read()
    {
        Directory.CreateDirectory(Bundle);
        File.WriteAllText(Path.Combine(Bundle, "notes.txt"), "mine");
        var run = await FitAsync();
        Assert.NotEqual(ExitCode.Ok, run.Exit);
        Assert.Contains("holds something that is not a bundle of factors", run.Error);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Bundle, "notes.txt")));
        Assert.Equal(ExitCode.Usage, (await LabRun.OfAsync("fit", "--out", Bundle)).Exit);
        Assert.Contains("--users: belongs to --events with --items", (await FitAsync("--users", Items)).Error);
        Assert.Contains("--epochs: must be 1..200", (await FitAsync("--epochs", "0")).Error);
        Assert.Contains("--unseen-weight: must be above 0", (await FitAsync("--unseen-weight", "0")).Error);
    }

    [Fact]
    public void A_search_that_is_cancelled_writes_nothing_and_the_split_holds_out_the_newest_likes()
    {
        var users = Enumerable.Range(0, 30).Select(u => Enumerable.Range(0, 10).Select(i => (i + u) % 15).ToArray()).ToArray();
        var data = new FitData("w", [.. Enumerable.Range(1, 15).Select(k => (ulong)k)], [.. Enumerable.Range(0, 15).Select(_ => Array.Empty<Ranking.Factors.ContentToken>())],
            [.. Enumerable.Range(0, 30).Select(u => (ulong)u)], users);
        var split = FitSplit.Of(data, seed: 1);
        Assert.Equal(30, split.Asked);
        Assert.All(split.Train.Zip(split.HeldOut), s => Assert.Contains(users, u => u.SequenceEqual([.. s.First, .. s.Second]) && s.Second.Length == 1));
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        var run = new FitRun(data, new FitFixed(4, null, null, 2, 1), 1);
        Assert.ThrowsAny<OperationCanceledException>(() => run.Choose(() => { }, cancellation.Token));
    }

    [Fact]
    public async Task The_bench_reports_the_time_of_an_epoch_and_of_a_whole_fit()
    {
        var run = await LabRun.OfAsync(
            "bench", "fit", "--likes", "2000", "--users", "200", "--items", "300", "--dimension", "8", "--epochs", "1", "--whole", "--json");
        Assert.Equal((ExitCode.Ok, ""), (run.Exit, run.Error));
        var result = JsonDocument.Parse(run.Out).RootElement;
        // More than one epoch.
        Assert.True(result.GetProperty("wholeSeconds").GetDouble() * 1_000 > result.GetProperty("bestMs").GetDouble());
        Assert.True(result.GetProperty("meanMs").GetDouble() > 0);
        Assert.Contains("--epochs: must be 1..100", (await LabRun.OfAsync("bench", "fit", "--epochs", "0")).Error);
    }

    private sealed record Catalogue(string WorldId);

    private static ItemDocument Item(int i) => new() { ItemId = $"i{i}", CreatorId = $"c{i}", Tags = [$"g{i / Group}"] };

    private static HistoryEntry Liked(string id) => new(id, EventType.Like, 0, 1, "c", null, []);

    private static UserEvent Event(string user, string item, EventType type, int minute) => new()
    {
        UserId = user,
        ItemId = item,
        Type = type,
        Timestamp = DateTimeOffset.UnixEpoch.AddMinutes(minute),
    };

    // Each of 80 users likes 8 of the 20 items of one of two groups.
    private static UserEvent[] TwoGroups()
    {
        var random = new Random(4);
        return [.. Enumerable.Range(0, 80).SelectMany(u => Enumerable.Range(0, Group).OrderBy(_ => random.Next()).Take(8)
            .Select((i, minute) => Event($"u{u}", string.Create(CultureInfo.InvariantCulture, $"i{(u % 2 * Group) + i}"), EventType.Like, minute)))];
    }

    private static void Write<T>(string path, params IEnumerable<T> documents) =>
        File.WriteAllLines(path, documents.Select(d => JsonSerializer.Serialize(d, KgJson.Options)));

    private Task<LabRun> FitAsync(params string[] more) => LabRun.OfAsync(["fit", "--events", Events, "--out", Bundle, .. more]);

    private async Task RefusedAsync(string reason, params string[] more)
    {
        var run = await FitAsync(more);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains(reason, run.Error.ReplaceLineEndings(" "));
    }
}
