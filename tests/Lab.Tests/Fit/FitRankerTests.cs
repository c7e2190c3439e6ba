using System.Globalization;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Inference.Bundles;
using KgOrleans.Kernels.Dot;
using KgOrleans.Lab.Fit;
using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Tests.Fit;

/// <summary>Forty users meet a page of six items a day; two items a day are published. What they like of a page is up to the test.</summary>
[Trait("Suite", "Unit")]
public sealed class FitRankerTests : IDisposable
{
    private const int Users = 40;
    private const int Days = 40;
    private const int FirstDay = 6;
    private const int ADay = 2;
    private const int FreshDays = 3;

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("kg-fit-").FullName;

    private string Events => Path.Combine(_folder, "events.ndjson");

    private string Items => Path.Combine(_folder, "items.ndjson");

    private string Bundle => Path.Combine(_folder, "bundle");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Likes_that_follow_what_no_factor_sees_give_a_ranker_that_reorders_what_is_served()
    {
        Write(History((_, age) => age < FreshDays ? 0.7 : 0.1));
        var run = await FitAsync();
        Assert.Equal((ExitCode.Ok, ""), (run.Exit, run.Error));
        Assert.Contains("Fine ranker of like (GAUC ", run.Out);
        Assert.Contains("Left out, for want of positives among the impressions: play, share.", run.Out);
        using var bundle = ModelBundle.Load(Bundle);
        Assert.Equal(["like"], bundle.Objectives);
        Assert.Empty(bundle.HeadObjectives);
        Assert.True(bundle.Manifest.Metrics["rankerGauc"] > bundle.Manifest.Metrics["factorsGauc"] + 0.1, run.Out);

        // Two days later: items that nobody has met, beside those that the user likes.
        var now = Start.AddDays(Days + 2);
        string[] liked = ["i0", "i1", "i2"];
        var state = new UserState { LastEventAt = 1, History = [.. liked.Select(id => new HistoryEntry(id, EventType.Like, 0, 1, "c", null, []))] };
        var user = UserSnapshot.Create("new", state, now.ToUnixTimeMilliseconds());
        var block = ItemColumns.Block([.. Enumerable.Range(0, 3).Select(Item), .. Enumerable.Range(Days * ADay, 3).Select(Item)], 4, bundle.EmbeddingDimension);
        bundle.ItemTower.Compute(block, block.Embeddings);
        var head = bundle.UserTower.Compute(user, 0);
        var logits = new float[block.Count];
        bundle.Ranker!.Score(user, block, new Inference.RequestContext(now.ToUnixTimeMilliseconds(), Heads: head), logits);
        Assert.True(logits[3..].Min() > logits[..3].Max());
        var factors = Enumerable.Range(0, block.Count).Select(i => DotProduct.Single(head, block.EmbeddingOf(i))).ToArray();
        Assert.True(factors[..3].Min() > factors[3..].Max());
    }

    [Fact]
    public async Task Impressions_that_tell_nothing_give_no_ranker_and_both_numbers_are_told()
    {
        Write(History((_, _) => 0.3));
        var run = await FitAsync();
        Assert.Equal(ExitCode.Ok, run.Exit);
        Assert.Contains("No fine ranker: it orders what was shown no better than the factors alone (GAUC ", run.Out);
        AssertNone();
        using var bundle = ModelBundle.Load(Bundle);
        Assert.Equal(2, bundle.Manifest.Metrics.Keys.Count(k => k is "rankerGauc" or "factorsGauc"));
    }

    [Fact]
    public async Task Too_few_requests_or_positives_give_no_ranker_with_the_reason_in_one_line()
    {
        Write(History((_, age) => age < FreshDays ? 0.7 : 0.1).Where(e => e.UserId is "u1" or "u2" or "u3"));
        await NoneAsync("No fine ranker: only ");
        // Nothing is liked in the part that a ranker would learn from.
        Write(History((day, _) => day < Days / 2 ? 0.4 : 0));
        await NoneAsync("have fewer than 20 valid plays, likes or shares within an hour");
        // An import of one moment has no past.
        Write(History((_, _) => 0.3).Select(e => e with { Timestamp = Start }));
        await NoneAsync("No fine ranker: the history before its newest impressions has no factors");
    }

    [Fact]
    public async Task The_same_history_gives_the_same_bundle_to_the_bit_on_any_number_of_threads()
    {
        Write(History((_, age) => age < FreshDays ? 0.7 : 0.1));
        Assert.Equal(ExitCode.Ok, (await FitAsync("--version-id", "v", "--threads", "1", "--dimension", "8")).Exit);
        var first = Directory.GetFiles(Bundle).Order().ToDictionary(f => f, File.ReadAllBytes);
        Assert.Equal(["factors.bin", "manifest.json", "ranker.onnx"], first.Keys.Select(Path.GetFileName));
        Assert.Equal(ExitCode.Ok, (await FitAsync("--version-id", "v", "--threads", "3", "--dimension", "8")).Exit);
        foreach (var (file, bytes) in first)
            Assert.Equal(bytes, File.ReadAllBytes(file));
    }

    [Fact]
    public void A_fit_that_is_cancelled_gives_nothing()
    {
        var history = new ReplayHistory(
            "main", "test", [.. Enumerable.Range(0, Days * ADay).Select(Item)], new Dictionary<string, UserDocument>(), [.. History((_, _) => 0.3)]);
        var given = new FitFixed(4, 0.1, 0.1, 2, 1);
        var likes = FitHistory.Read(history, "main");
        using var cancellation = new CancellationTokenSource();
        // After the factors, while the history is replayed.
        var passes = 0;
        void Step()
        {
            if (++passes == given.Epochs)
                cancellation.Cancel();
        }
        Assert.ThrowsAny<OperationCanceledException>(
            () => new FitRankerRun(history, likes, given, 1).Run(new FitChoice(FitSearch.StartOf(likes, given), 0, default), Step, cancellation.Token));
        Assert.Equal(given.Epochs, passes);
    }

    [Fact]
    public void The_factors_of_the_features_know_nothing_of_the_rows_that_they_are_features_of()
    {
        // In the newest part there are other items, without a tag in common with those before. Who had seen its likes would order them well.
        const int items = 12;
        var random = new Random(3);
        var events = new List<UserEvent>();
        for (var day = FirstDay; day < Days; day++)
        {
            var first = day < Days * 3 / 4 ? 0 : items;
            for (var u = 0; u < Users; u++)
            {
                foreach (var item in Enumerable.Range(first, items).OrderBy(_ => random.Next()).Take(6))
                    AddShown(events, u, day, item, item % 2 == u % 2 ? 0.8 : 0.05, random);
            }
        }
        var history = new ReplayHistory("main", "test", [.. Enumerable.Range(0, 2 * items).Select(Item)], new Dictionary<string, UserDocument>(), events);
        var likes = FitHistory.Read(history, "main");
        var given = new FitFixed(4, 0.1, 0.1, 4, 1);
        var outcome = new FitRankerRun(history, likes, given, 1).Run(new FitChoice(FitSearch.StartOf(likes, given), 0, default), () => { }, default);
        Assert.InRange(outcome.Score!.Factors, 0.45, 0.55);
    }

    private static ItemDocument Item(int i) => new()
    {
        ItemId = $"i{i}",
        CreatorId = $"c{i}",
        PublishedAt = Start.AddDays((double)i / ADay).AddHours(-1),
    };

    // Three of the newest items and three older ones on each page, in any order.
    private static IEnumerable<UserEvent> History(Func<int, double, double> chance)
    {
        var random = new Random(5);
        var events = new List<UserEvent>();
        for (var day = FirstDay; day < Days; day++)
        {
            for (var u = 0; u < Users; u++)
            {
                var published = (day * ADay) + 1;
                var fresh = Enumerable.Range(published - (FreshDays * ADay), FreshDays * ADay).OrderBy(_ => random.Next()).Take(3);
                var older = Enumerable.Range(0, published - (FreshDays * ADay)).OrderBy(_ => random.Next()).Take(3);
                foreach (var item in fresh.Concat(older).OrderBy(_ => random.Next()))
                    AddShown(events, u, day, item, chance(day, day - ((double)item / ADay)), random);
            }
        }
        return events;
    }

    private static void AddShown(List<UserEvent> events, int user, int day, int item, double chance, Random random)
    {
        var e = new UserEvent
        {
            UserId = string.Create(CultureInfo.InvariantCulture, $"u{user}"),
            ItemId = string.Create(CultureInfo.InvariantCulture, $"i{item}"),
            Type = EventType.Impression,
            Value = 0,
            Timestamp = Start.AddDays(day).AddMinutes(user),
            RequestId = string.Create(CultureInfo.InvariantCulture, $"r{user}-{day}"),
        };
        events.Add(e);
        if (random.NextDouble() < chance)
            events.Add(e with { Type = EventType.Like, Timestamp = e.Timestamp!.Value.AddSeconds(20), RequestId = null });
    }

    private void Write(IEnumerable<UserEvent> events)
    {
        File.WriteAllLines(Items, Enumerable.Range(0, Days * ADay).Select(i => JsonSerializer.Serialize(Item(i), KgJson.Options)));
        File.WriteAllLines(Events, events.Select(e => JsonSerializer.Serialize(e, KgJson.Options)));
    }

    private Task<LabRun> FitAsync(params string[] more) => LabRun.OfAsync(["fit", "--events", Events, "--items", Items, "--out", Bundle, .. more]);

    private async Task NoneAsync(string reason)
    {
        var run = await FitAsync("--dimension", "4", "--unseen-weight", "0.1", "--regularisation", "0.1");
        Assert.Equal((ExitCode.Ok, ""), (run.Exit, run.Error));
        Assert.Contains(reason, run.Out.Split('\n').Single(l => l.StartsWith("No fine ranker", StringComparison.Ordinal)));
        AssertNone();
    }

    private void AssertNone()
    {
        using var bundle = ModelBundle.Load(Bundle);
        Assert.Null(bundle.Ranker);
        Assert.Empty(bundle.Objectives);
        Assert.False(File.Exists(Path.Combine(Bundle, "ranker.onnx")));
    }
}
