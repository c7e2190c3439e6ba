using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace KgOrleans.Chaos.Tests;

/// <summary>Load from several callers, SIGKILL in the middle of it, restart over the same data: every acknowledged write is there.</summary>
[Trait("Suite", "Chaos")]
public sealed class KillTests
{
    private const int Rounds = 3;
    private const int Callers = 6;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed()
    {
        var data = Path.Combine(Path.GetTempPath(), "kg-chaos-" + Guid.NewGuid().ToString("N"));
        var titles = new ConcurrentDictionary<string, string>();
        var events = new ConcurrentDictionary<string, HashSet<string>>();
        var regions = new ConcurrentDictionary<string, string>();
        var inFlight = new ConcurrentDictionary<string, (string Event, string Item)>();
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                await using var node = await NodeProcess.StartAsync(data);
                await VerifyAsync(node, titles, events, regions);
                await RetryAsync(node, inFlight, events);
                // Killed after a number of acknowledgements, not after a time: the same on slow and fast machines.
                var acknowledged = 0;
                var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                void Acknowledge()
                {
                    if (Interlocked.Increment(ref acknowledged) == 150 + (37 * round))
                        enough.TrySetResult();
                }
                var callers = Enumerable.Range(0, Callers).Select(c => CallAsync(node, c, round, titles, events, regions, inFlight, Acknowledge)).ToArray();
                await Task.WhenAny(enough.Task, Task.WhenAll(callers));
                Assert.True(enough.Task.IsCompletedSuccessfully, "the callers stopped before the kill:\n" + node.Output);
                await node.KillAsync();
                await Task.WhenAll(callers);
            }
            await using var last = await NodeProcess.StartAsync(data);
            await VerifyAsync(last, titles, events, regions);
            Assert.True(titles.Count > 50 && events.Count == Callers && regions.Count == Callers);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task CallAsync(
        NodeProcess node, int caller, int round, ConcurrentDictionary<string, string> titles, ConcurrentDictionary<string, HashSet<string>> events,
        ConcurrentDictionary<string, string> regions,
        ConcurrentDictionary<string, (string Event, string Item)> inFlight, Action acknowledge)
    {
        var user = $"u{caller}";
        try
        {
            for (var i = 0; ; i++)
            {
                // Each caller owns its items and its user, so that what was acknowledged last is known.
                var item = $"w{caller}-{i % 40}";
                var title = $"round {round} write {i}";
                using (var put = await node.Http.PutAsJsonAsync(
                    $"/v1/items/{item}", new { kind = "audio", creatorId = $"c{caller}-{i % 7}", title, tags = new[] { "rock" } }))
                {
                    put.EnsureSuccessStatusCode();
                    titles[item] = title;
                    acknowledge();
                }
                inFlight[user] = ($"e-{round}-{i}", item);
                var answer = await node.PostAsync(
                    "/v1/events", new { events = new[] { new { eventId = $"e-{round}-{i}", userId = user, itemId = item, type = "impression" } } });
                Assert.Equal(1, (int)answer["accepted"]!);
                lock (events)
                    events.GetOrAdd(user, _ => []).Add(item);
                acknowledge();
                if (i % 5 == 0)
                {
                    using var profile = await node.Http.PutAsJsonAsync($"/v1/users/{user}", new { region = $"r{round}-{i}" });
                    profile.EnsureSuccessStatusCode();
                    regions[user] = $"r{round}-{i}";
                    acknowledge();
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException { StatusCode: null })
        {
            // The kill. A write in flight may or may not be there: the next round overwrites it.
        }
    }

    /// <summary>
    /// A caller whose event was not answered sends it again: it must end up seen, whether the kill came before, between or after the two writes.
    /// </summary>
    private static async Task RetryAsync(
        NodeProcess node, ConcurrentDictionary<string, (string Event, string Item)> inFlight, ConcurrentDictionary<string, HashSet<string>> events)
    {
        foreach (var (user, (id, item)) in inFlight)
        {
            var answer = await node.PostAsync("/v1/events", new { events = new[] { new { eventId = id, userId = user, itemId = item, type = "impression" } } });
            Assert.Equal(1, (int)answer["accepted"]! + (int)answer["duplicates"]!);
            lock (events)
                events.GetOrAdd(user, _ => []).Add(item);
            var page = await node.PageAsync(new { userId = user, scene = "feed", timeoutMs = 20_000, pageSize = 100, dryRun = true });
            Assert.DoesNotContain(page, i => (string?)i!["itemId"] == item);
        }
    }

    private static async Task VerifyAsync(
        NodeProcess node, ConcurrentDictionary<string, string> titles, ConcurrentDictionary<string, HashSet<string>> events, ConcurrentDictionary<string,
        string> regions)
    {
        foreach (var (item, title) in titles)
        {
            var stored = JsonNode.Parse(await node.Http.GetStringAsync($"/v1/items/{item}"))!;
            AssertNotOlder(title, (string?)stored["title"], item);
        }
        foreach (var (user, region) in regions)
        {
            var stored = JsonNode.Parse(await node.Http.GetStringAsync($"/v1/users/{user}"))!;
            AssertNotOlder(region, (string?)(stored["profile"] ?? stored)["region"], user);
        }
        foreach (var (user, seen) in events)
        {
            var page = await node.PageAsync(new { userId = user, scene = "feed", timeoutMs = 20_000, pageSize = 100, dryRun = true });
            Assert.DoesNotContain(page, i => seen.Contains((string)i!["itemId"]!));
        }
    }

    /// <summary>The value acknowledged last, or the one that was in flight when the process died.</summary>
    private static void AssertNotOlder(string acknowledged, string? stored, string what)
    {
        Assert.NotNull(stored);
        Assert.True(Order(stored).CompareTo(Order(acknowledged)) >= 0, $"{what}: '{acknowledged}' was acknowledged, '{stored}' is stored");

        static (int, int) Order(string value)
        {
            var numbers = System.Text.RegularExpressions.Regex.Matches(value, @"\d+").Select(
                m => int.Parse(m.Value, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            return (numbers[0], numbers[1]);
        }
    }
}
