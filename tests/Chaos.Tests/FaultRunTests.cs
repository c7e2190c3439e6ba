using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace KgOrleans.Chaos.Tests;

/// <summary>
/// Kills, held store locks and retries in random order, from a seed. Whatever is answered accepted or duplicate has its effect: after every start, no page of
/// the user holds the item. <c>KG_KILLS=200</c> makes it long, <c>KG_SEED</c> repeats a run.
/// </summary>
[Trait("Suite", "Chaos")]
public sealed class FaultRunTests
{
    // Few enough that one page shows all that a user has not seen.
    private const int Items = 90;
    private const int UsersARound = 6;
    private const int SentByUser = 25;

    private static readonly string[] Types = ["impression", "play"];

    private readonly int _kills = int.Parse(Environment.GetEnvironmentVariable("KG_KILLS") ?? "5", CultureInfo.InvariantCulture);
    private readonly int _seed = int.Parse(Environment.GetEnvironmentVariable("KG_SEED") ?? "20261128", CultureInfo.InvariantCulture);
    private readonly ConcurrentDictionary<string, UserLedger> _users = new();
    private int _held;
    private int _calls;
    private int _refused;

    [Fact]
    public async Task What_is_answered_accepted_or_duplicate_has_its_effect_after_every_kill()
    {
        var data = Path.Combine(Path.GetTempPath(), "kg-faults-" + Guid.NewGuid().ToString("N"));
        // Shorter than the locks are held, so that events reach the log and not the state.
        var settings = new Dictionary<string, string>
        {
            ["Kg__UserState__WriteTimeoutMs"] = "250",
            // Base snapshots are written while processes are killed.
            ["Kg__Shards__SnapshotAfterBytes"] = "4096",
        };
        try
        {
            for (var round = 0; round < _kills; round++)
            {
                var random = new Random(HashCode.Combine(_seed, round));
                await using var node = await NodeProcess.StartAsync(data, settings);
                if (round == 0)
                    await PutItemsAsync(node);
                await VerifyAsync(node, _users.Values.Where(u => u.Round == round - 1), $"before load of round {round}");
                foreach (var i in Enumerable.Range(0, UsersARound))
                    _users.TryAdd($"u{round}-{i}", new UserLedger($"u{round}-{i}", round));
                await LoadUntilKillAsync(node, data, random, round);
            }
            await using var last = await NodeProcess.StartAsync(data, settings);
            // Another event first: the newest position must not stand for the ones before it.
            foreach (var user in _users.Values)
                await SendAsync(last, user, [user.NewEvent(new Random(user.Round))], CancellationToken.None);
            await RetryAllAsync(last);
            await VerifyAsync(last, _users.Values, "at the end");
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
        var acknowledged = _users.Values.Sum(u => u.Acknowledged.Count);
        TestContext.Current.SendDiagnosticMessage(
            $"seed {_seed}: {_kills} kills, {_held} held locks, {_calls} calls, {_refused} refused, {acknowledged} events acknowledged, 0 without effect");
        Assert.True(acknowledged > _kills * UsersARound && _refused > 0, $"{acknowledged} acknowledged, {_refused} refused: the run shows nothing");
    }

    private static async Task PutItemsAsync(NodeProcess node) => await node.PostAsync(
        "/v1/items",
        Enumerable.Range(0, Items).Select(i => new { itemId = $"w{i}", creatorId = $"c{i % 30}", kind = "audio", tags = new[] { "rock" } }).ToArray());

    private async Task LoadUntilKillAsync(NodeProcess node, string data, Random random, int round)
    {
        using var stop = new CancellationTokenSource();
        var users = _users.Values.Where(u => u.Round == round).Concat(_users.Values.Where(u => u.Round < round).OrderBy(u => u.Id).Take(2)).ToArray();
        var callers = users.Select(u => CallAsync(node, u, new Random(random.Next()), stop.Token)).ToArray();
        var holder = HoldLocksAsync(Path.Combine(data, "state", "grains.db"), new Random(random.Next()), stop.Token);
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, 2_000)), CancellationToken.None);
        await node.KillAsync();
        await stop.CancelAsync();
        await Task.WhenAll([.. callers, holder]);
    }

    /// <summary>Holds the write lock of the users' states for some time, again and again.</summary>
    private async Task HoldLocksAsync(string file, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(random.Next(50, 400), cancellationToken);
                await using var connection = new SqliteConnection($"Data Source={file};Pooling=false;Default Timeout=1");
                await connection.OpenAsync(cancellationToken);
                await using var transaction = connection.BeginTransaction(deferred: false);
                Interlocked.Increment(ref _held);
                await Task.Delay(random.Next(100, 700), cancellationToken);
            }
            catch (Exception e) when (e is OperationCanceledException or SqliteException)
            {
                // The end of the round, or a lock that the node did not leave in time.
            }
        }
    }

    private async Task CallAsync(NodeProcess node, UserLedger user, Random random, CancellationToken cancellationToken)
    {
        try
        {
            while (user.Sent.Count < SentByUser)
            {
                // New events, and old ones in any order, acknowledged or not.
                var events = Enumerable.Range(0, random.Next(1, 4))
                    .Select(_ => user.Sent.Count > 0 && random.Next(3) == 0 ? user.Sent[random.Next(user.Sent.Count)] : user.NewEvent(random))
                    .DistinctBy(e => e.Id).ToArray();
                await SendAsync(node, user, events, cancellationToken);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The kill.
        }
    }

    private async Task SendAsync(NodeProcess node, UserLedger user, SentEvent[] events, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        var body = new { events = events.Select(e => new { eventId = e.Id, userId = user.Id, itemId = e.Item, type = e.Type, timestamp = e.At }) };
        using var response = await node.Http.PostAsJsonAsync("/v1/events", body, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable)
        {
            Interlocked.Increment(ref _refused);
            return;
        }
        Assert.True(response.IsSuccessStatusCode, text);
        var rejected = ((JsonArray)JsonNode.Parse(text)!["rejected"]!).Select(r => (int)r!["index"]!).ToHashSet();
        lock (user)
        {
            for (var i = 0; i < events.Length; i++)
            {
                if (!rejected.Contains(i))
                    user.Acknowledged.Add(events[i].Item);
            }
        }
    }

    private async Task RetryAllAsync(NodeProcess node)
    {
        foreach (var user in _users.Values)
            await SendAsync(node, user, [.. user.Sent.AsEnumerable().Reverse()], CancellationToken.None);
    }

    private static async Task VerifyAsync(NodeProcess node, IEnumerable<UserLedger> users, string when)
    {
        foreach (var user in users)
        {
            var page = await node.PageAsync(new { userId = user.Id, scene = "feed", timeoutMs = 20_000, pageSize = 100, dryRun = true });
            var shown = page.Select(i => (string)i!["itemId"]!).ToHashSet();
            var missing = user.Acknowledged.Where(shown.Contains).ToArray();
            Assert.True(missing.Length == 0, $"{when}: {user.Id} was told that {string.Join(", ", missing)} were recorded, and is shown them\n{node.Output}");
            // Otherwise a page without anything would prove everything.
            Assert.True(shown.Count >= Items - user.Sent.Count, $"{when}: {user.Id} is shown {shown.Count} items, and was sent {user.Sent.Count} events");
        }
    }

    // A repeat without time marks its item as seen by itself, so that one with a time is needed to find an event that the state lost.
    private sealed record SentEvent(string Id, string Item, string Type, DateTimeOffset? At);

    private sealed class UserLedger(string id, int round)
    {
        public string Id => id;

        public int Round => round;

        public List<SentEvent> Sent { get; } = [];

        public HashSet<string> Acknowledged { get; } = [];

        public SentEvent NewEvent(Random random)
        {
            DateTimeOffset? at = random.Next(3) > 0 ? DateTimeOffset.UtcNow : null;
            Sent.Add(new SentEvent($"e{Sent.Count}", $"w{random.Next(Items)}", Types[random.Next(Types.Length)], at));
            return Sent[^1];
        }
    }
}
