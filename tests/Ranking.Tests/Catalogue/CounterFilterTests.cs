using System.Text;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Tests.Recall;

namespace KgOrleans.Ranking.Tests.Catalogue;

[Trait("Suite", "Unit")]
public sealed class CounterFilterTests
{
    private const long Now = RecallWorld.Now;
    private const int Works = 400;
    private static readonly EventType[] Types = [EventType.Impression, EventType.Play, EventType.Like, EventType.Comment];

    [Fact]
    public void Filters_by_counters_admit_what_the_events_say_also_after_more_of_them()
    {
        using var partition = new Partition(new PartitionSettings(0, 0, null) { ChunkShift = 6 });
        for (var i = 0; i < Works; i++)
            partition.Put(new ItemDocument { ItemId = $"i{i}", CreatorId = "c" }, 0, []);
        var (random, counts) = (new Random(3), new int[Works, 4]);
        var admission = """{"field":"comments","lt":2}""";
        for (var round = 0; round < 12; round++)
        {
            for (var e = 0; e < 60; e++)
            {
                // Only some of the chunks: the others' bitmaps are kept.
                var (work, type) = (random.Next(round % 2 == 0 ? Works : 70), random.Next(4));
                partition.Count(Key64.Of($"i{work}"), Types[type], 1, Now);
                counts[work, type]++;
            }
            using var view = partition.PublishView(round);
            Assert.Equal(Expected(w => counts[w, 3] < 2), Found(view, admission, null));
            foreach (var (field, type) in ((string, int)[])[("impressions", 0), ("plays", 1), ("likes", 2), ("comments", 3)])
            {
                var (low, high) = (random.Next(2), random.Next(1, 4));
                Assert.Equal(Expected(w => counts[w, type] >= low && counts[w, type] <= high), Found(view, null, $$"""{"field":"{{field}}","gte":{{low}},"lte":{{high}}}"""));
                Assert.Equal(Expected(w => counts[w, type] is 0 or 2), Found(view, null, $$"""{"field":"{{field}}","in":[0,2]}"""));
            }
        }

        string[] Expected(Func<int, bool> matches) => [.. Enumerable.Range(0, Works).Where(matches).Select(w => $"i{w}").Order()];
    }

    [Fact]
    public void A_row_says_what_a_bitmap_says()
    {
        var row = new ItemRow { Impressions = 7, Plays = 3, Likes = 2, Comments = 5 };
        foreach (var (field, count) in ((string, int)[])[("impressions", 7), ("plays", 3), ("likes", 2), ("comments", 5)])
        {
            Assert.True(Parse($$"""{"field":"{{field}}","eq":{{count}}}""").Matches(new FilterRow(ref row, [], Now)));
            Assert.False(Parse($$"""{"field":"{{field}}","lt":{{count}}}""").Matches(new FilterRow(ref row, [], Now)));
        }
    }

    private static ItemFilter Parse(string json) => ItemFilter.Parse(Encoding.UTF8.GetBytes(json));

    private static string[] Found(PartitionView view, string? admission, string? filter)
    {
        var quotas = new int[RecallChannels.Count];
        quotas[(int)RecallChannel.Hot] = Works;
        var result = PartitionRecall.Run(view, new RecallRequest
        {
            Now = Now,
            ScoreTime = Now,
            OldestPublishedAt = 0,
            World = 0,
            Quotas = quotas,
            Scene = SampleRecallScene.Of(admission: admission),
            Filter = filter is null ? null : Parse(filter),
        });
        return [.. result.Candidates.Select(c => view.IdOf(c.Row)).Order()];
    }
}
