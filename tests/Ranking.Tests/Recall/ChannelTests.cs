using System.Text;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Tests.Catalogue;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class ChannelTests
{
    private const long Now = RecallWorld.Now - (RecallWorld.Now % 60_000);
    private const long Day = 86_400_000;

    private static readonly ColdStartSettings Owed = new() { Impressions = 4, Days = 10, MinQuality = 0.5 };

    [Fact]
    public void A_channel_that_is_late_is_left_out_and_named_and_the_others_answer()
    {
        var world = new RecallWorld(7)
        {
            Quotas = [50, 50, 50, 50, 50, 50, 50, 50],
            Region = "r1",
            ColdStart = new ColdStartSettings(),
            UserVector = [1, .. new float[RecallWorld.Dimension - 1]],
        };
        world.Social.Add((InterestField.Creator, "c1", 1));
        world.Continue.Add((InterestField.Tag, "t1", 1));
        world.Interests.Add((InterestField.Tag, "t1", 1));
        using var view = world.Build();
        foreach (var late in Enum.GetValues<RecallChannel>())
        {
            var request = world.Request();
            var timeouts = Enumerable.Repeat(1_000_000, RecallChannels.Count).ToArray();
            timeouts[(int)late] = 5;
            using var scan = new RecallScan(new TickingTime(TimeSpan.FromMilliseconds(10)));
            var result = Run(scan, view, With(request, timeouts, null));
            var expected = PartitionRecall.Run(view, request);
            for (var channel = 0; channel < RecallChannels.Count; channel++)
            {
                Assert.Equal(channel == (int)late ? 1 : 0, result.Zones[channel].IsLate);
                Assert.Equal(channel == (int)late ? [] : Keys(expected, channel), Keys(result, channel));
            }
        }
    }

    [Fact]
    public void A_late_channel_takes_no_other_channels_items_with_it_after_pruning()
    {
        var world = new RecallWorld(3, 24_000) { World = null };
        world.Fill(10_000);
        world.Quotas = [3_000, 0, 2_000, 0, 0, 0, 0, 0];
        using var view = world.Build();
        using var scan = new RecallScan(new TickingTime(TimeSpan.FromMilliseconds(10)));
        var plan = new MergePlan { Shards = 1, Quotas = world.Quotas, Merge = 300, MinKeep = new int[RecallChannels.Count] };
        var merged = new RecallMerge().Run([ShardRecall.Of(0, Run(scan, view, With(world.Request(pruning: plan.Pruning), [5, 0, 1_000_000], null)))], plan)!;
        Assert.Equal([0, 0, 2_000, 0, 0, 0, 0, 0], merged.PerChannel);
        Assert.Equal(300, merged.Winners.Count);
        Assert.All(merged.Winners, w => Assert.True(float.IsNaN(w.ChannelScores[(int)RecallChannel.Model])));
    }

    [Fact]
    public void What_a_scene_admits_is_what_its_filter_says_whatever_was_kept_before()
    {
        var random = new Random(4);
        using var partition = new Partition(new PartitionSettings(0, 0, null) { ChunkShift = 6 });
        var filters = new[]
        {
            """{"field":"kind","in":["audio"]}""", """{"not":{"field":"quality","lt":0.5}}""", """{"field":"ageDays","lte":3}""",
            """{"field":"tags","in":["t1"]}""", """{"field":"creatorId","eq":"c1"}""",
            """{"field":"quality","gte":0.1}""", """{"field":"quality","gte":0.2}""", """{"field":"quality","gte":0.3}""",
            """{"field":"quality","gte":0.4}""", """{"field":"itemId","in":["i1","i2"]}""",
        };
        for (var round = 0; round < 40; round++)
        {
            for (var i = random.Next(40); i > 0; i--)
            {
                partition.Put(
                    new ItemDocument
                    {
                        ItemId = $"i{random.Next(200)}",
                        CreatorId = $"c{random.Next(3)}",
                        Kind = (ItemKind)random.Next(2),
                        Tags = [$"t{random.Next(3)}"],
                        Quality = random.Next(10) / 10d,
                        PublishedAt = DateTimeOffset.FromUnixTimeMilliseconds(Now - (random.Next(600) * Day / 100)),
                    },
                    0,
                    []);
            }
            partition.Count(Key64.Of($"i{random.Next(200)}"), EventType.Impression, 0, Now);
            using var view = partition.PublishView(round);
            var now = Now + (random.Next(3) * 60_000L * 60 * 24);
            var json = filters[random.Next(filters.Length)];
            var kept = PartitionRecall.Run(view, Request(now, json, null));
            var filtered = PartitionRecall.Run(view, Request(now, null, ItemFilter.Parse(Encoding.UTF8.GetBytes(json))));
            Assert.Equal(Keys(filtered, (int)RecallChannel.Hot), Keys(kept, (int)RecallChannel.Hot));
            Assert.Equal((filtered.Counts.Filtered, 0, filtered.Counts.Eligible), (kept.Counts.Admission, kept.Counts.Filtered, kept.Counts.Eligible));
        }
    }

    [Fact]
    public void A_new_item_is_owed_exposure_until_it_has_had_it()
    {
        using var partition = new Partition(new PartitionSettings(0, 0, null));
        Put("good", 1, 0.9);
        Put("unknown", 1, null);
        Put("poor", 1, 0.4);
        Put("old", 11, 0.9);
        partition.Put(new ItemDocument { ItemId = "ageless", CreatorId = "c", Quality = 0.9 }, 0, []);
        using (var view = partition.PublishView(1))
        {
            Assert.Equal(["good", "unknown"], Fresh(view));
            Assert.Equal(new ExposureSum(2, 2, 8, 0), Sum(view));
        }
        Show("good", 3);
        Show("unknown", 1);
        Show("poor", 2);
        using (var view = partition.PublishView(2))
        {
            Assert.Equal(["unknown", "good"], Fresh(view));
            Assert.Equal(new ExposureSum(2, 2, 8, 4), Sum(view));
            Assert.Equal(4, Sum(view).Open);
        }
        Show("good", 3);
        using (var view = partition.PublishView(3))
        {
            Assert.Equal(["unknown"], Fresh(view));
            Assert.Equal(new ExposureSum(2, 1, 8, 5), Sum(view));
            Assert.Equal(new ExposureSum(1, 0, 4, 4), Exposure.Of(view, Request(Now, null, null), Owed, view.Find(Key64.Of("good"))));
            Assert.Equal(default, Exposure.Of(view, Request(Now, null, null), Owed, view.Find(Key64.Of("poor"))));
        }

        void Put(string id, int days, double? quality)
        {
            var published = DateTimeOffset.FromUnixTimeMilliseconds(Now - (days * Day));
            partition.Put(new ItemDocument { ItemId = id, CreatorId = "c", Quality = quality, PublishedAt = published }, 0, []);
        }

        void Show(string id, int times)
        {
            for (var i = 0; i < times; i++)
                partition.Count(Key64.Of(id), EventType.Impression, 0, Now);
        }
    }

    private static ExposureSum Sum(PartitionView view) => Exposure.SumOf(view, Request(Now, null, null), Owed);

    private static string[] Fresh(PartitionView view)
    {
        var result = PartitionRecall.Run(view,
            new RecallRequest { Now = Now, ScoreTime = Now, OldestPublishedAt = 0, World = 0, Scene = SampleRecallScene.Of(Owed), Quotas = [0, 0, 0, 0, 10] });
        return [.. result.Channels[(int)RecallChannel.Fresh].Select(e => view.IdOf(result.Candidates[e.Candidate].Row))];
    }

    private static RecallRequest Request(long now, string? admission, ItemFilter? filter) =>
        new(
            )
        {
            Now = now,
            ScoreTime = now,
            OldestPublishedAt = 0,
            World = 0,
            Scene = SampleRecallScene.Of(
                admission: admission),
            Filter = filter,
            Quotas = [0, 0, 500]
        };

    private static RecallRequest With(RecallRequest r, int[] timeouts, RecallPruning? pruning) =>
        r with { TimeoutsMs = timeouts, Pruning = pruning ?? r.Pruning };

    private static RecallResult Run(RecallScan scan, PartitionView view, RecallRequest request)
    {
        var results = new RecallResult?[1];
        scan.Run(view, [request], results);
        return results[0]!;
    }

    private static ulong[] Keys(RecallResult result, int channel) => [.. result.Channels[channel].Select(e => result.Candidates[e.Candidate].Key)];

    /// <summary>A clock that moves on whenever somebody looks at it.</summary>
    private sealed class TickingTime(TimeSpan step) : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now += step.Ticks;
    }
}
