using CsCheck;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Tests.Catalogue;

[Trait("Suite", "Unit")]
public sealed class PartitionModelTests
{
    private const int Items = 40;
    private const int Burst = 2_100;
    private const long Start = 1_770_000_000_000;

    private enum Step
    {
        Put,
        Delete,
        Count,
        Publish,
        Burst,
    }

    private static readonly Gen<(Step Step, int Item, int Number)[]> Histories = Gen.Select(
        Gen.Frequency((20, Gen.Const(Step.Put)), (6, Gen.Const(Step.Delete)), (20, Gen.Const(Step.Count)), (6, Gen.Const(Step.Publish)), (3, Gen.Const(Step.Burst))),
        Gen.Int[0, Items - 1],
        Gen.Int[0, 99]).Array[0, 120];

    [Fact]
    public void Every_view_equals_a_dictionary_as_it_was_when_the_view_was_published() => Histories.Sample(history =>
    {
        var run = new Run();
        foreach (var (step, item, number) in history)
            run.Do(step, item, number);
        run.Do(Step.Publish, 0, 0);
        run.AssertAllViews();
    }, iter: 50);

    [Fact]
    public void Compaction_keeps_live_rows_and_counters_and_leaves_older_views_alone()
    {
        var run = new Run();
        run.Do(Step.Put, 1, 0);
        run.Do(Step.Count, 1, 0);
        run.Do(Step.Publish, 0, 0);
        for (var i = 0; i < 4; i++)
            run.Do(Step.Burst, 7, i);
        run.Do(Step.Delete, 3, 0);
        var before = run.Rows;
        run.Do(Step.Publish, 0, 0);
        Assert.True(before > 4 * 1024);
        Assert.Equal(Items - 1, run.Newest.RowCount);
        Assert.Equal(Items - 1, run.Newest.LiveCount);
        run.AssertAllViews();
    }

    [Fact]
    public void An_item_that_was_deleted_starts_with_new_counters_whether_or_not_a_compaction_came_between()
    {
        foreach (var bursts in new[] { 0, 3 })
        {
            var run = new Run();
            run.Do(Step.Put, Items, 0);
            run.Do(Step.Count, Items, 0);
            run.Do(Step.Publish, 0, 0);
            run.Do(Step.Delete, Items, 0);
            run.Do(Step.Count, Items, 0);
            for (var i = 0; i < bursts; i++)
                run.Do(Step.Burst, 0, i);
            run.Do(Step.Publish, 0, 0);
            run.Do(Step.Put, Items, 1);
            run.Do(Step.Publish, 0, 0);
            var view = run.Newest;
            Assert.Equal(0, view.CountersOf(view.Find(VersionedWorks.Key(Items))).Impressions);
            run.AssertAllViews();
        }
    }

    [Fact]
    public void Nothing_shows_before_it_is_published()
    {
        var partition = new Partition(VersionedWorks.Settings);
        VersionedWorks.Put(partition, 1, 1);
        Assert.Equal(-1, partition.Acquire().Find(VersionedWorks.Key(1)));
        var first = partition.PublishView(10, counterEpoch: 4);
        Assert.True(partition.Delete(VersionedWorks.Key(1)));
        partition.Count(VersionedWorks.Key(1), EventType.Impression, 0, Start);
        Assert.True(first.Find(VersionedWorks.Key(1)) >= 0);
        Assert.Same(first, partition.Acquire());
        Assert.Equal((10, 4, 1, 1L), (first.LogPosition, first.CounterEpoch, first.LiveCount, first.Epoch));

        var second = partition.PublishView(20);
        Assert.Equal(-1, second.Find(VersionedWorks.Key(1)));
        Assert.Equal((20, 4, 0, 2L), (second.LogPosition, second.CounterEpoch, second.LiveCount, second.Epoch));
        Assert.False(partition.Delete(VersionedWorks.Key(1)));
        Assert.False(partition.Delete(VersionedWorks.Key(2)));
    }

    [Fact]
    public void Tags_named_twice_count_once()
    {
        var partition = new Partition(VersionedWorks.Settings);
        var document = VersionedWorks.Document(1, 1) with { Tags = ["a", "b", "a", "a"] };
        partition.Put(document, 0, new float[VersionedWorks.Dimension]);
        partition.Put(document with { ItemId = "other", Tags = ["a", "b"] }, 1, new float[VersionedWorks.Dimension]);
        var view = partition.PublishView(2);
        var row = view.Find(VersionedWorks.Key(1));
        Assert.Equal(["a", "b"], view.FactsOf(row).Tags);
        var found = PartitionRecall.Run(view, new RecallRequest
        {
            Now = long.MaxValue / 2,
            ScoreTime = 0,
            OldestPublishedAt = 0,
            World = 0,
            Interests = [[], [new RecallInterest(Key64.Of("a"), 1, InterestField.Tag)]],
            Quotas = [0, 10, 0],
        });
        Assert.Equal(2, found.Channels[1].Length);
        Assert.Equal(found.Channels[1][0].Score, found.Channels[1][1].Score);
    }

    [Fact]
    public void Thousands_of_items_are_found_while_the_map_of_keys_grows_under_older_views()
    {
        var partition = new Partition(VersionedWorks.Settings);
        var views = new List<PartitionView>();
        for (var item = 0; item < 5_000; item++)
        {
            VersionedWorks.Put(partition, item, item + 1);
            if (item % 500 == 499)
                views.Add(partition.PublishView(item));
        }
        foreach (var view in views)
        {
            Assert.Equal(view.LogPosition + 1, view.LiveCount);
            for (var item = 0; item < 5_000; item++)
            {
                var row = view.Find(VersionedWorks.Key(item));
                if (item > view.LogPosition)
                    Assert.Equal(-1, row);
                else if (item % 50 == 0)
                    VersionedWorks.AssertRow(view, row, item, item + 1);
                else
                    Assert.Equal(VersionedWorks.Id(item), view.IdOf(row));
            }
        }
    }

    /// <summary>A partition and what a dictionary says it holds.</summary>
    private sealed class Run
    {
        private static readonly EventType[] Types = [EventType.Impression, EventType.Play, EventType.Like, EventType.Share, EventType.Skip];

        private readonly Partition _partition = new(VersionedWorks.Settings);
        private readonly Dictionary<int, (int Version, (EventType Type, double Value, long At)[] Events)> _items = [];
        private readonly List<(PartitionView View, Dictionary<int, (int Version, (EventType Type, double Value, long At)[] Events)> Items)> _views = [];
        private int _version;

        public PartitionView Newest => _views[^1].View;

        public int Rows => _version;

        public void Do(Step step, int item, int number)
        {
            switch (step)
            {
                case Step.Put:
                    Put(item);
                    break;
                case Step.Burst:
                    for (var i = 0; i < Burst; i++)
                        Put((item + i) % Items);
                    break;
                case Step.Delete:
                    Assert.Equal(_items.Remove(item), _partition.Delete(VersionedWorks.Key(item)));
                    break;
                case Step.Count:
                    var e = (Type: Types[number % Types.Length], Value: number / 100d, At: Start + (number * 3_600_000L));
                    _partition.Count(VersionedWorks.Key(item), e.Type, e.Value, e.At);
                    if (_items.TryGetValue(item, out var known))
                        _items[item] = known with { Events = [.. known.Events, e] };
                    break;
                case Step.Publish:
                    _views.Add((_partition.PublishView(_version), new(_items)));
                    AssertView(_views[^1].View, _views[^1].Items);
                    break;
            }
        }

        public void AssertAllViews()
        {
            for (var i = 0; i < _views.Count; i++)
            {
                Assert.Equal(i + 1, _views[i].View.Epoch);
                AssertView(_views[i].View, _views[i].Items);
            }
        }

        private void Put(int item)
        {
            _version++;
            Assert.True(_partition.Accepts(VersionedWorks.Id(item)));
            VersionedWorks.Put(_partition, item, _version);
            _items[item] = (_version, _items.TryGetValue(item, out var known) ? known.Events : []);
        }

        private static void AssertView(PartitionView view, Dictionary<int, (int Version, (EventType Type, double Value, long At)[] Events)> items)
        {
            Assert.Equal(items.Count, view.LiveCount);
            for (var item = 0; item <= Items; item++)
            {
                var row = view.Find(VersionedWorks.Key(item));
                if (!items.TryGetValue(item, out var expected))
                {
                    Assert.Equal(-1, row);
                    continue;
                }
                VersionedWorks.AssertRow(view, row, item, expected.Version);
                var counters = view.CountersOf(row);
                Assert.Equal(expected.Events.Count(e => e.Type == EventType.Impression), counters.Impressions);
                Assert.Equal(expected.Events.Count(e => e.Type == EventType.Play && e.Value >= 0.5), counters.Plays);
                Assert.Equal(expected.Events.Count(e => e.Type == EventType.Like), counters.Likes);
                Assert.Equal(HotOf(expected.Events), counters.Hot(Start), 1e-3);
            }
        }

        private static double HotOf((EventType Type, double Value, long At)[] events)
        {
            var positive = events.Where(e => EventTypes.IsPositive(e.Type, e.Value)).ToArray();
            // As of the newest event when that lies ahead.
            var asOf = positive.Select(e => e.At).Append(Start).Max();
            return positive.Sum(e => EventTypes.InterestOf(e.Type, e.Value) * Math.Pow(2, (e.At - asOf) / ItemCounters.HotHalfLife.TotalMilliseconds));
        }
    }
}
