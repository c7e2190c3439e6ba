using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests.Faults;

/// <summary>
/// Flips a bit in, cuts and deletes every file that a killed node leaves. The damage is named, at the start or by the call that meets it, or it changes no
/// answer. <c>KG_DAMAGES=20</c> makes twenty flips and cuts of each file instead of one.
/// </summary>
[Trait("Suite", "Cluster")]
public sealed class CorruptionTests(ITestOutputHelper output)
{
    private const int Items = 40;
    private const int Users = 6;

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [Fact]
    public async Task Damage_to_any_file_is_named_or_changes_no_answer()
    {
        var (intact, damaged) = (TestNode.NewData(), TestNode.NewData());
        try
        {
            Dictionary<string, string> expected;
            var times = int.Parse(Environment.GetEnvironmentVariable("KG_DAMAGES") ?? "1", CultureInfo.InvariantCulture);
            await using (var node = await TestNode.StartAsync(settings: new() { ["Kg:Shards:SnapshotAfterBytes"] = "1024" }))
            {
                await FillAsync(node);
                await SnapshotsAsync(node);
                expected = await AnswersAsync(node);
                // What a kill leaves: nothing is closed, and the write-ahead log of the states is not yet part of their file.
                Copy(node.Data, intact);
            }
            var random = new Random(7);
            var faults = new List<string>();
            var outcomes = new SortedDictionary<string, int[]>(StringComparer.Ordinal);
            foreach (var file in Directory.EnumerateFiles(intact, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(intact, f)).Order())
            {
                // One log of each sort stands for the others, unless the run is a long one.
                if (times == 1 && file.Contains("/shard-", StringComparison.Ordinal) && !file.Contains("/shard-000", StringComparison.Ordinal))
                    continue;
                foreach (var damage in Damages(random, times))
                {
                    Copy(intact, damaged);
                    var path = Path.Combine(damaged, file);
                    var what = damage(path);
                    if (what is null)
                        continue;
                    var named = await FindAsync(damaged, file, what, expected, faults);
                    outcomes.TryAdd(file, new int[2]);
                    outcomes[file][named ? 0 : 1]++;
                }
            }
            foreach (var (file, counts) in outcomes)
                output.WriteLine($"{file,-52} named {counts[0],3}  harmless {counts[1],3}");
            Assert.True(faults.Count == 0, string.Join('\n', faults));
            // The run must have met what it is about.
            string[] met = ["catalogue.json", "logs/shard-000/0", "logs/shard-000/manifest", "logs/events-00/0", "state/grains.db", "state/grains.db-wal"];
            Assert.Contains(outcomes, o => o.Key.StartsWith("snapshots/shard-000", StringComparison.Ordinal));
            Assert.Contains(outcomes, o => o.Key.StartsWith("snapshots/events-00", StringComparison.Ordinal));
            foreach (var file in met)
                Assert.True(outcomes.Any(o => o.Key.StartsWith(file, StringComparison.Ordinal) && o.Value[0] > 0), $"no damage to {file} was named");
        }
        finally
        {
            foreach (var path in (string[])[intact, damaged])
            {
                if (Directory.Exists(path))
                    Directory.Delete(path, recursive: true);
            }
        }
    }

    /// <summary>Whether the damage was named; fails when it was not and an answer changed.</summary>
    private static async Task<bool> FindAsync(string data, string file, string what, Dictionary<string, string> expected, List<string> faults)
    {
        TestNode node;
        try
        {
            node = await TestNode.StartAsync(data);
        }
        catch (Storage.StorageException refusal)
        {
            if (!refusal.Message.Contains(Path.GetFileName(file), StringComparison.Ordinal) && !refusal.Message.Contains(data, StringComparison.Ordinal))
                faults.Add($"{file} {what}: the refusal names no file: {refusal.Message}");
            return true;
        }
        await using (node)
        {
            var named = false;
            foreach (var (question, answer) in await AnswersAsync(node))
            {
                named |= answer.StartsWith("damaged", StringComparison.Ordinal);
                if (answer != expected[question] && !answer.StartsWith("damaged", StringComparison.Ordinal))
                    faults.Add($"{file} {what}: {question} was answered {answer} instead of {expected[question]}");
            }
            return named;
        }
    }

    private static IEnumerable<Func<string, string?>> Damages(Random random, int times)
    {
        for (var i = 0; i < times; i++)
        {
            yield return path =>
            {
                var bytes = File.ReadAllBytes(path);
                if (bytes.Length == 0)
                    return null;
                // The newest records are what a careless check loses.
                var place = random.Next(2) == 0 ? random.Next(bytes.Length) : bytes.Length - 1 - random.Next(Math.Min(bytes.Length, 200));
                bytes[place] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(path, bytes);
                return $"flipped at {place} of {bytes.Length}";
            };
            yield return path =>
            {
                var length = new FileInfo(path).Length;
                if (length == 0)
                    return null;
                var left = random.Next(2) == 0 ? random.NextInt64(length) : length - 1 - random.Next((int)Math.Min(length, 60));
                using var stream = File.OpenWrite(path);
                stream.SetLength(left);
                return $"cut to {left} of {length}";
            };
        }
        yield return path =>
        {
            File.WriteAllBytes(path, []);
            return "emptied";
        };
        yield return path =>
        {
            File.Delete(path);
            return "deleted";
        };
    }

    private static async Task FillAsync(TestNode node)
    {
        await node.PutAsync(SampleCatalogue.Items(Items));
        await node.WriteAsync(WriteOperation.Delete, "w3");
        for (var user = 0; user < Users; user++)
        {
            await node.PutUserAsync(new UserDocument { UserId = $"u{user}", Region = $"r{user}", Follows = ["c1"] });
            var events = Enumerable.Range(0, 8)
                .Select(i => new UserEvent { EventId = $"e{i}", UserId = $"u{user}", ItemId = $"w{4 + user + (2 * i)}", Type = EventType.Impression })
                .ToArray();
            await node.RecordAsync(events);
        }
    }

    /// <summary>Waits until every shard has a base snapshot, and none is being written.</summary>
    private static async Task SnapshotsAsync(TestNode node)
    {
        await node.CountedAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var shard = 0; shard < node.ShardCount; shard++)
        {
            var snapshots = node.Service<PartitionHost>().Get(shard).Snapshots;
            while (snapshots.Newest is null || !snapshots.Written.IsCompleted)
                await Task.Delay(10, limit.Token);
        }
    }

    /// <summary>Everything that a caller can see of the store, by question; "damaged" and the reason where the node says so.</summary>
    private static async Task<Dictionary<string, string>> AnswersAsync(TestNode node)
    {
        var answers = new Dictionary<string, string>();
        await node.WarmAsync();
        for (var i = 0; i < Items; i++)
        {
            var id = $"w{i}";
            var shard = node.Grains.GetGrain<IItemShardGrain>(Key64.Shard(Key64.Of(id), node.ShardCount));
            await AskAsync($"item {id}", async () => await shard.GetItem(id, default) is { } found ? $"{found.Version} {Convert.ToBase64String(found.Json)}" : "none");
        }
        for (var i = 0; i < Users; i++)
        {
            var id = $"u{i}";
            var user = node.Grains.GetGrain<IUserGrain>(id);
            await AskAsync($"user {id}", async () => await user.GetDetails(default) is { } found ? JsonSerializer.Serialize(found, KgJson.Options) : "none");
            // Popularity follows the log about a second later; what may be shown does not.
            await AskAsync($"page {id}", async () => string.Join(
                ' ', (await node.PageAsync(id, c => c with { PageSize = 100, Now = Now.ToUnixTimeMilliseconds() }))
                    .Items.Select(item => item.ItemId).Order(StringComparer.Ordinal)));
        }
        return answers;

        async Task AskAsync(string question, Func<Task<string>> ask)
        {
            try
            {
                answers[question] = await ask();
            }
            catch (Exception e) when (Storage.StorageException.IsForGood(e))
            {
                answers[question] = "damaged: " + e.Message;
            }
        }
    }

    private static void Copy(string from, string to)
    {
        if (Directory.Exists(to))
            Directory.Delete(to, recursive: true);
        // Another program: this process would ask for locks that the running node holds.
        using var copy = Process.Start("cp", ["-r", from, to]);
        copy.WaitForExit();
        Assert.Equal(0, copy.ExitCode);
        // Locks hold nothing.
        foreach (var file in Directory.EnumerateFiles(to, "*lock", SearchOption.AllDirectories))
            File.Delete(file);
    }
}
