using System.Diagnostics;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Lab.Bench;

/// <summary>
/// The rows "recall, ..." of <c>kg-lab bench partition</c>: a whole round 1 of the channels over a catalogue on eight shards, one after the other on one
/// thread, so that milliseconds are those of processor time; then the merge.
/// </summary>
internal sealed class PartitionRecalls(PartitionPlan plan)
{
    private static readonly RecallScene ColdStart = new(
        new DiscoverySettings { ColdStart = new ColdStartSettings { Impressions = 2 } }, new RecallSettings(), new PreRankCalibration(), null);

    private const int Shards = 8;
    private const int Users = 16;
    private const int WarmRounds = 8;
    private const int Rounds = 16;
    private const int Winners = 1000;

    // Of every ten items one is recalled; channels share them as a wide feed does, with the neighbours of what a user likes beside.
    private static readonly double[] Shares = [0.6, 0.2, 0.1, 0.04, 0.03, 0.02, 0.01, 0.05];

    public IEnumerable<PartitionTiming> Run()
    {
        var name = $"recall, {plan.N / 10} of {plan.N} on {Shards} shards";
        var rows = new List<(string Name, int[] Quotas)> { (name + ", all channels", Quotas(Shares)) };
        for (var channel = 0; channel < RecallChannels.Count; channel++)
        {
            var alone = new double[RecallChannels.Count];
            alone[channel] = Shares[channel];
            rows.Add(($"{name}, {RecallChannels.NameOf(channel)} channel", Quotas(alone)));
        }
        // What a coordinator asks for: a model channel without a head has no use for more items than pre-ranking merges.
        rows.Add((name + ", all channels, model cut to the winners", [Winners, .. Quotas(Shares)[1..]]));
        rows.Add((name + ", default quotas", [1200, 800, 300, 300, 200, 100, 100, 600]));
        rows.RemoveAll(r => !plan.Wants(r.Name));
        if (rows.Count == 0)
            yield break;
        var partitions = Load();
        foreach (var row in rows)
            yield return Measure(row.Name, partitions, row.Quotas);
        foreach (var partition in partitions)
            partition.Dispose();
    }

    private int[] Quotas(double[] shares) => [.. shares.Select(s => (int)(s * plan.N / 10))];

    private Partition[] Load()
    {
        var partitions = Enumerable.Range(0, Shards).Select(_ => new Partition(plan.Settings)).ToArray();
        var source = plan.Source(1);
        for (var i = 0; i < source.Count; i++)
            partitions[Key64.Shard(source.KeyOf(i), Shards)].Append(source.Decoded(i));
        for (var i = 0; i < source.Count; i++)
        {
            var partition = partitions[Key64.Shard(source.KeyOf(i), Shards)];
            partition.Count(source.KeyOf(i), EventType.Play, 1, PartitionSource.Now - (long)(source.KeyOf(i) % (30 * 86_400_000UL)));
            if (i % 3 == 0)
                partition.Count(source.KeyOf(i), EventType.Impression, 0, PartitionSource.Now);
        }
        foreach (var partition in partitions)
            partition.Publish(source.Count);
        return partitions;
    }

    private PartitionTiming Measure(string name, Partition[] partitions, int[] quotas)
    {
        using var memory = new KernelMemory(plan.CodeBytes);
        var floor = BenchClock.Median(7, () => KernelMemory.Pass(memory.At(0), plan.CodeBytes));
        var merge = new MergePlan { Shards = Shards, Quotas = quotas, Merge = Winners, MinKeep = [.. Enumerable.Repeat(20, RecallChannels.Count)] };
        var requests = Enumerable.Range(0, Users).Select(i => Request(new Random(i), merge)).ToArray();
        var views = Array.ConvertAll(partitions, p => p.Acquire());
        using var scan = new RecallScan();
        var merger = new RecallMerge();
        var (scanMs, mergeMs, bytes, again) = (new List<double>(), new List<double>(), 0L, 0);
        var cpu = TimeSpan.Zero;
        for (var round = 0; round < Rounds; round++)
        {
            if (round == WarmRounds)
                cpu = Environment.CpuUsage.TotalTime;
            foreach (var request in requests)
            {
                var start = Stopwatch.GetTimestamp();
                var results = new RecallResult?[1];
                var answers = new ShardRecall[Shards];
                for (var shard = 0; shard < Shards; shard++)
                {
                    scan.Run(views[shard], [request], results);
                    answers[shard] = ShardRecall.Of(shard, results[0]!);
                }
                var scanned = Stopwatch.GetTimestamp();
                again += merger.Run(answers, merge) is null ? 1 : 0;
                if (round < WarmRounds)
                    continue;
                scanMs.Add(Stopwatch.GetElapsedTime(start, scanned).TotalMilliseconds);
                mergeMs.Add(Stopwatch.GetElapsedTime(scanned).TotalMilliseconds);
                bytes += answers.Sum(
                    a => (a.Candidates.Length * 16L) + (a.Keys.Length * 8L) + Enumerable.Range(0, RecallChannels.Count).Sum(c => a.Entries(c).Length * 8L));
            }
        }
        cpu = Environment.CpuUsage.TotalTime - cpu;
        foreach (var view in views)
            view.Dispose();
        return PartitionTiming.Of(name, plan.N, plan.Dimension, quotas.Sum(), 1, 1, Median(scanMs), floor, plan.CodeBytes) with
        {
            MergeMs = Math.Round(Median(mergeMs), 4),
            ReplyBytes = bytes / scanMs.Count,
            AskedAgain = again,
            CpuMs = Math.Round(cpu.TotalMilliseconds / scanMs.Count, 4),
        };
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private RecallRequest Request(Random random, MergePlan merge)
    {
        var user = new float[plan.Dimension];
        foreach (ref var x in user.AsSpan())
            x = random.NextSingle() - 0.5f;
        VectorMath.Normalise(user);
        return new RecallRequest
        {
            Now = PartitionSource.Now,
            ScoreTime = PartitionSource.Now,
            OldestPublishedAt = PartitionSource.Now - (92L * 86_400_000),
            World = 0,
            UserVector = user,
            RecallVector = plan.HeadOf(user),
            Interests = Interests(random),
            Region = Key64.Of("region7"),
            Scene = ColdStart,
            ExcludedItems = [.. Enumerable.Range(0, 2_000 / Shards).Select(i => Key64.Of($"i1-{random.Next(plan.N)}"))],
            Quotas = merge.Quotas,
            TimeoutsMs = [.. Enumerable.Repeat(200, RecallChannels.Count)],
            Pruning = merge.Pruning,
        };
    }

    // Common tags and rare ones: an eighth of the catalogue together.
    private RecallInterest[][] Interests(Random random)
    {
        var interests = new RecallInterest[RecallChannels.Count][];
        Array.Fill(interests, []);
        interests[(int)RecallChannel.Index] =
        [
            .. Enumerable.Range(0, ChannelInterests.Tags).Select(
                i => new RecallInterest(Key64.Of(PartitionSource.TagOf(i * i * 8)), 1f / (i + 1), InterestField.Tag)),
            .. Enumerable.Range(0, ChannelInterests.SongsAndCreators).Select(
                i => new RecallInterest(Key64.Of($"s1-{random.Next(plan.N / 50)}"), 1f / (i + 1), InterestField.Song)),
            .. Enumerable.Range(0, ChannelInterests.SongsAndCreators).Select(
                i => new RecallInterest(Key64.Of($"c1-{random.Next(plan.N / 10)}"), 1f / (i + 1), InterestField.Creator)),
        ];
        interests[(int)RecallChannel.Social] =
            [.. Enumerable.Range(0, ChannelInterests.Follows)
                .Select(i => new RecallInterest(Key64.Of($"c1-{random.Next(plan.N / 10)}"), 1, InterestField.Creator))];
        interests[(int)RecallChannel.Continue] =
        [
            .. Enumerable.Range(0, 3).Select(i => new RecallInterest(Key64.Of(PartitionSource.TagOf(100 + i)), 1, InterestField.Tag)),
        ];
        interests[(int)RecallChannel.Similar] =
        [
            .. Enumerable.Range(0, SimilarItems.Most / Shards).Select(i => PartialKey.Of(Key64.Of($"i1-{random.Next(plan.N)}"))).Distinct()
                .Select((key, i) => new RecallInterest(key, 1f / (i + 1), InterestField.Item)),
        ];
        return interests;
    }
}
