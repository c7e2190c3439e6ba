using KgOrleans.ClientTestSupport;
using KgOrleans.Import.Sets;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Import.Tests;

/// <summary>The sets as their publishers distribute them; skipped where they are not.</summary>
[Trait("Suite", "Unit")]
public sealed class RealDataTests
{
    [Fact]
    public void HetRec_is_read_completely_with_exact_counts()
    {
        using var data = DataFolder.Open(Real(SampleSets.HetRecZip));
        var set = HetRecLastFm.Read(data, new IdScope(""), HistoryHoldOut.None);

        Assert.Equal((1_892, 17_632, 92_834L), (set.Users.Count, set.Items.Count, set.EventCount));
        var files = set.Files.ToDictionary(f => f.Name);
        Assert.Equal((17_632, 17_632), (files["artists.dat"].Read, files["artists.dat"].Accepted));
        Assert.Equal((11_946, 11_946), (files["tags.dat"].Read, files["tags.dat"].Accepted));
        Assert.Equal((92_834, 92_834), (files["user_artists.dat"].Read, files["user_artists.dat"].Accepted));
        Assert.Equal((25_434, 25_434), (files["user_friends.dat"].Read, files["user_friends.dat"].Accepted));
        Assert.Equal(2 * 12_717, set.Users.Sum(u => u.Friends.Count));
        var assignments = files["user_taggedartists.dat"];
        Assert.Equal(186_479, assignments.Read);
        Assert.Equal(
            [("artist is not in artists.dat", 1_538), ("dated before 2000", 5)],
            assignments.Rejected.Reasons.Select(r => (r.Text, r.Count)).Order());
        Assert.Equal(186_479 - 1_538 - 5, assignments.Accepted);
        AssertValid(set);
    }

    [Fact]
    public void KuaiRand_is_read_completely_with_exact_counts()
    {
        using var data = DataFolder.Open(Real(SampleSets.KuaiRandZip));
        var set = KuaiRand.Read(data, new IdScope(""));

        // 113 of the 9,359 videos in the log have features.
        Assert.Equal((27_285, 7_583 + 9_359 - 113), (set.Users.Count, set.Items.Count));
        Assert.Equal(9_359 - 113, set.Items.Count(i => i.CreatorId.StartsWith("video-", StringComparison.Ordinal)));
        var files = set.Files.ToDictionary(f => f.Name);
        Assert.Equal((27_285, 27_285), (files["user_features_pure.csv"].Read, files["user_features_pure.csv"].Accepted));
        Assert.Equal((7_583, 7_583), (files["video_features_basic_pure.csv"].Read, files["video_features_basic_pure.csv"].Accepted));
        var log = files["processed_standard_kcore_15.tsv"];
        Assert.Equal((41_828, 124, 41_704), (log.Read, log.Rejected.Count, log.Accepted));
        var types = set.Events.CountBy(e => e.Type).ToDictionary();
        Assert.Equal(log.Accepted, types[EventType.Play] + types[EventType.Impression]);
        // 33,745 likes and 8,083 hates less the repeated rows.
        Assert.Equal((33_745 - 38, 8_083 - 86), (types[EventType.Like], types[EventType.Dislike]));
        Assert.Equal(664, set.Events.Select(e => e.UserId).Distinct().Count());
        AssertValid(set);
    }

    private static string Real(string file)
    {
        var path = SampleSets.FindReal(file);
        Assert.SkipWhen(path is null, SampleSets.Missing(file));
        return path;
    }

    private static void AssertValid(ImportSet set)
    {
        var now = DateTimeOffset.UtcNow;
        foreach (var item in set.Items)
            Assert.Empty(ItemValidator.Validate(item, contentDimension: 32));
        foreach (var user in set.Users)
            Assert.Empty(UserValidator.Validate(user));
        var items = set.Items.Select(i => i.ItemId).ToHashSet();
        var ids = new HashSet<string>();
        foreach (var e in set.Events)
        {
            Assert.Empty(EventValidator.Validate(e, now));
            Assert.Contains(e.ItemId, items);
            Assert.True(ids.Add(e.EventId!), e.EventId);
        }
        Assert.Equal(set.Items.Count, items.Count);
        Assert.Equal(set.EventCount, ids.Count);
        // A creator that is also a user would never see their own works.
        Assert.Empty(set.Users.Select(u => u.UserId).Intersect(set.Items.Select(i => i.CreatorId)));
    }
}
