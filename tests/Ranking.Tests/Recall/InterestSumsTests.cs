using System.Numerics;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Tests.Catalogue;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class InterestSumsTests
{
    [Fact]
    public void Few_and_many_postings_add_up_to_the_same_best_and_a_run_given_up_leaves_nothing_behind()
    {
        using var masks = new IndexScan(usesTables: false);
        using var tables = new IndexScan(InterestSums.HasTables);
        var picker = new RowPicker(new PickZones());
        for (var seed = 0; seed < 60; seed++)
        {
            var world = new RecallWorld(seed, maxItems: 400);
            var view = world.Build();
            var eligible = AllOf(view, seed);
            var random = new Random(seed);
            // Common names and rare ones: which are common differs from world to world.
            List<(InterestField Field, string Id, float Weight)> interests =
                [(InterestField.Creator, "c1", 0.7f), (InterestField.Item, "i3", 2), (InterestField.Item, "i3", 1), (InterestField.Item, "none", 1)];
            for (var i = random.Next(14); i > 0; i--)
                interests.Add((InterestField.Tag, $"t{random.Next(10)}", random.NextSingle()));
            var wire = interests.Select(i => new RecallInterest(Key64.Of(i.Id), i.Weight, i.Field)).ToArray();

            foreach (var pruning in (RecallPruning?[])[null, new RecallPruning(1, 20, new int[RecallChannels.Count])])
            {
                Assert.Equal(Naive(), Run(masks, timeoutMs: 60_000, pruning));
                Assert.Null(Run(tables, timeoutMs: -1, pruning));
                Assert.Equal(Naive(), Run(tables, timeoutMs: 60_000, pruning));
            }

            (ulong Key, float Score)[]? Run(IndexScan scan, int timeoutMs, RecallPruning? pruning)
            {
                var task = new RecallTask();
                var request = new RecallRequest
                {
                    Now = 0,
                    ScoreTime = 0,
                    OldestPublishedAt = 0,
                    World = 0,
                    Quotas = [20, 20],
                    TimeoutsMs = [timeoutMs, timeoutMs],
                    Pruning = pruning,
                };
                unsafe
                {
                    fixed (ulong* bits = eligible)
                    {
                        task.Start(view, request, (nint)bits, TimeProvider.System);
                        task.Counts = new EligibilityCounts { Eligible = eligible.Sum(BitOperations.PopCount) };
                        scan.Run(view, task, RecallChannel.Index, wire, picker);
                    }
                }
                var picks = task.Picks[(int)RecallChannel.Index];
                return picks.IsLate ? null : Ordered(Enumerable.Range(0, picks.Count).Select(i => (view.Rows.KeyAt(picks.Rows[i]), picks.Scores[i])));
            }

            (ulong Key, float Score)[] Naive()
            {
                var items = world.Items.ToDictionary(i => i.Document.ItemId);
                return Ordered(Enumerable.Range(0, view.RowCount).Where(row => (eligible[row >> 6] >> row & 1) != 0).Select(view.IdOf)
                    .Select(id => (items[id].Key, RecallWorld.SumOf(interests, items[id], RecallWorld.Moment))));
            }

            static (ulong Key, float Score)[] Ordered(IEnumerable<(ulong Key, float Score)> scored) =>
                [.. scored.Where(s => s.Score > 0).OrderByDescending(s => s.Score).ThenBy(s => s.Key).Take(20)];
        }
    }

    [Fact]
    public void Bitmaps_of_common_symbols_grow_with_the_views_and_rare_symbols_have_none()
    {
        var partition = new Partition(new PartitionSettings(4, 2, "space") { ChunkShift = 6 });
        var views = new List<(PartitionView View, ulong[] Bits)>();
        for (var i = 0; i < 1_000; i++)
        {
            partition.Put(new ItemDocument { ItemId = $"i{i}", CreatorId = "c", Tags = i % 3 == 0 ? ["common"] : i == 500 ? ["rare"] : [] }, i, [1, 1]);
            if (i % 97 != 50)
                continue;
            var view = partition.PublishView(i);
            views.Add((view, Bits(view, "common")!));
        }
        var last = partition.PublishView(1_000);
        Assert.Null(Bits(last, "rare"));
        foreach (var (view, bits) in views)
            Assert.All(Enumerable.Range(0, view.RowCount), row => Assert.Equal(view.FactsOf(row).Tags.Contains("common"), (bits[row >> 6] >> row & 1) != 0));

        static ulong[]? Bits(PartitionView view, string tag)
        {
            var tags = view.Rows.Indexes.Tags;
            return tags.Dense(tags.Find(Key64.Of(tag)), view.RowCount, view.BitmapWords);
        }
    }

    private static ulong[] AllOf(PartitionView view, int seed)
    {
        var random = new Random(seed);
        var bits = new ulong[view.BitmapWords];
        for (var row = 0; row < view.RowCount; row++)
        {
            if (view.States.IsLive(row) && random.Next(10) > 0)
                bits[row >> 6] |= 1UL << row;
        }
        return bits;
    }
}
