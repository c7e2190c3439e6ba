using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Tests.Catalogue;

[Trait("Suite", "Unit")]
public sealed class InterestSumsTests
{
    [Fact]
    public void Few_and_many_postings_add_up_to_the_same_best_and_a_run_given_up_leaves_nothing_behind()
    {
        using var sums = new InterestSums();
        for (var seed = 0; seed < 60; seed++)
        {
            var world = new RecallWorld(seed, maxItems: 400);
            var items = world.Items.ConvertAll(i => i.Document);
            var view = world.Build();
            var eligible = AllOf(view, seed);
            var random = new Random(seed);
            // A few names, of which one tag is common: some runs stay sparse, others turn dense half-way.
            var interests = new List<(InterestField Field, string Id, float Weight)> { (InterestField.Creator, "c1", 0.7f), (InterestField.Item, "i3", 2), (InterestField.Item, "i3", 1), (InterestField.Item, "none", 1) };
            for (var i = random.Next(6); i > 0; i--)
                interests.Add((InterestField.Tag, $"t{random.Next(10)}", random.NextSingle()));
            var wire = interests.Select(i => new RecallInterest(ItemKey.Of(i.Id), i.Weight, i.Field)).ToArray();

            Assert.Equal(Naive(), Run(timeoutMs: 60_000));
            Assert.Null(Run(timeoutMs: -1));
            Assert.Equal(Naive(), Run(timeoutMs: 60_000));

            (ulong Key, float Score)[]? Run(int timeoutMs)
            {
                var task = new RecallTask();
                var request = new RecallRequest { Now = 0, ScoreTime = 0, OldestPublishedAt = 0, World = 0, Quotas = [20, 20], TimeoutsMs = [timeoutMs, timeoutMs] };
                task.Best.Reset(20);
                unsafe
                {
                    fixed (ulong* bits = eligible)
                    {
                        task.Start(view, request, (nint)bits, TimeProvider.System);
                        if (!sums.Run(view, task, RecallChannel.Index, wire))
                            return null;
                    }
                }
                var (rows, scores, keys) = (new int[20], new float[20], new ulong[20]);
                var count = task.Best.Complete(rows, scores, keys);
                return [.. Enumerable.Range(0, count).Select(i => (keys[i], scores[i]))];
            }

            (ulong Key, float Score)[] Naive() =>
            [
                .. Enumerable.Range(0, view.RowCount).Where(row => (eligible[row >> 6] >> row & 1) != 0).Select(row =>
                {
                    var block = new ItemBlock(1, view.ContentDimension, 0);
                    view.CopyTo(block, 0, row, RecallWorld.Now);
                    var facts = view.FactsOf(row);
                    var sum = 0f;
                    foreach (var (field, id, weight) in interests)
                    {
                        if (field switch { InterestField.Creator => facts.CreatorId == id, InterestField.Item => facts.ItemId == id, _ => facts.Tags.Contains(id) })
                            sum += weight;
                    }
                    var quality = block.Rows[0].Quality;
                    return (block.Rows[0].Key, Score: sum * (1 + (float.IsNaN(quality) ? 0.5f : quality)));
                }).Where(r => r.Score > 0).OrderByDescending(r => r.Score).ThenBy(r => r.Key).Take(20),
            ];
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
