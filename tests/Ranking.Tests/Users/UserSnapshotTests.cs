using System.Text.Json;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Tests.Users;

[Trait("Suite", "Unit")]
public sealed class UserSnapshotTests
{
    private const long Now = 1_770_000_000_000;
    private static readonly long HalfLife = (long)UserStateUpdater.InterestHalfLife.TotalMilliseconds;

    [Fact]
    public void Stated_and_learnt_interests_add_up_and_only_positive_ones_stay_strongest_first()
    {
        var state = new UserState
        {
            Profile = new UserDocument
            {
                UserId = "u",
                Interests = new UserInterests
                {
                    Tags = new Dictionary<string, double> { ["both"] = 1, ["stated"] = 2, ["hated"] = 1, ["zero"] = 0 },
                    SongIds = ["song", "song"],
                    CreatorIds = ["stated", "followed"],
                },
                Follows = ["followed", "f2"],
                BlockedCreatorIds = ["enemy"],
                CommunityIds = ["family"],
                Region = "sz",
                WorldId = "w",
            },
            Followed = ["f2", "f3"],
            Tags = [new("both", 4, Now - HalfLife), new("learnt", 2, Now), new("hated", -3, Now), new("disliked", -1, Now)],
            Creators = [new("f3", 1, Now)],
        };
        var user = UserSnapshot.Create("u", state, Now);
        Assert.Equal([("both", 3f), ("learnt", 2f), ("stated", 2f)], user.Tags.Select(t => (t.Id, t.Weight)));
        Assert.Equal([("f3", 2f), ("f2", 1f), ("followed", 1f), ("stated", 1f)], user.Creators.Select(t => (t.Id, t.Weight)));
        Assert.Equal([("song", 1f)], user.Songs.Select(t => (t.Id, t.Weight)));
        Assert.All(user.Tags, t => Assert.Equal(Key64.Of(t.Id), t.Key));
        Assert.Equal(Key64.OfAll(["followed", "f2", "f3"]), user.Follows);
        Assert.Equal(Key64.OfAll(["enemy", "u"]), user.Blocked);
        Assert.Equal(Key64.OfAll(["family"]), user.Communities);
        Assert.Equal((Key64.Of("sz"), 0UL, "w", true), (user.Region, user.Language, user.WorldId, user.IsKnown));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(15)]
    public void However_long_a_user_was_away_their_interests_keep_their_proportions(double years)
    {
        var state = new UserState
        {
            Tags = [new("strong", 4, Now), new("weak", 1, Now), new("older", 4, Now - HalfLife), new("hated", -2, Now)],
            Creators = [new("c", 2, Now)],
            LastEventAt = Now,
        };
        var user = UserSnapshot.Create("u", state, Now + (long)(years * 365 * 86_400_000));
        Assert.Equal(["strong", "older", "weak"], user.Tags.Select(t => t.Id));
        // The strongest of all keeps a sixteenth of an event.
        Assert.Equal(1 / 16f, user.Tags[0].Weight, 1e-5f);
        Assert.Equal(2, user.Tags[0].Weight / user.Tags[1].Weight, 1e-4);
        Assert.Equal(4, user.Tags[0].Weight / user.Tags[2].Weight, 1e-4);
        Assert.Equal(2, user.Tags[0].Weight / user.Creators[0].Weight, 1e-4);
    }

    [Fact]
    public void Of_a_full_list_of_interests_that_are_years_old_the_weakest_makes_room()
    {
        var old = Now - (20L * 365 * 86_400_000);
        List<LearntInterest> interests = [.. Enumerable.Range(0, UserStateUpdater.InterestCount)
            .Select(i => new LearntInterest($"i{i}", i == 77 ? 1 : 2, old))];
        LearntInterests.Learn(interests, "new", 1, Now);
        Assert.DoesNotContain("i77", interests.Select(i => i.Id));
        Assert.Contains("new", interests.Select(i => i.Id));
        // An event of long ago that arrives now is as strong as those of its time.
        LearntInterests.Learn(interests, "late", 3, old);
        Assert.Contains("late", interests.Select(i => i.Id));
    }

    [Fact]
    public void What_is_blocked_is_no_interest_and_items_that_are_not_wanted_are_not_liked()
    {
        var state = new UserState
        {
            Profile = new UserDocument
            {
                UserId = "u",
                BlockedTags = ["metal"],
                BlockedSongIds = ["song"],
                BlockedCreatorIds = ["enemy"],
                BlockedItemIds = ["blocked"],
            },
            Tags = [new("metal", 4, Now), new("rock", 1, Now)],
            Songs = [new("song", 4, Now)],
            Creators = [new("enemy", 4, Now)],
        };
        var seen = new SeenSet();
        foreach (var (id, type) in new[]
        {
            ("good", EventType.Like), ("blocked", EventType.Like), ("bad", EventType.Like), ("bad", EventType.Dislike),
            ("worse", EventType.Like), ("worse", EventType.Report),
        })
        {
            var e = new UserEvent { UserId = "u", ItemId = id, Type = type };
            UserStateUpdater.Apply(
                state, seen, EventValidator.Complete(e, DateTimeOffset.FromUnixTimeMilliseconds(Now)), new ItemFacts(id, $"by-{id}", null, default, [], []));
        }
        var user = UserSnapshot.Create("u", state, Now);
        Assert.Equal("rock", Assert.Single(user.Tags).Id);
        Assert.Empty(user.Songs);
        Assert.DoesNotContain("enemy", user.Creators.Select(c => c.Id));
        Assert.Equal(Key64.OfAll(["metal"]), user.BlockedTags);
        Assert.Equal(Key64.OfAll(["song"]), user.BlockedSongs);
        Assert.Equal([Key64.Of("by-good")], user.RecentCreators);
        Assert.Equal(Key64.Of("by-good"), Assert.Single(user.JustPlayed).Creator);
    }

    [Fact]
    public void Lists_are_bounded_and_equal_weights_are_ordered_by_id()
    {
        var state = new UserState { Profile = new UserDocument { Follows = [.. Enumerable.Range(0, 200).Select(i => $"c{i:000}").Reverse()] } };
        var user = UserSnapshot.Create("u", state, Now);
        Assert.Equal(Enumerable.Range(0, UserSnapshot.InterestCount).Select(i => $"c{i:000}"), user.Creators.Select(c => c.Id));
        Assert.Equal(200, user.Follows.Count);
    }

    [Fact]
    public void Recent_lists_hold_the_newest_liked_items_newest_first()
    {
        var state = new UserState();
        for (var i = 0; i < 40; i++)
        {
            var type = i % 2 == 0 ? EventType.Like : EventType.Play;
            state.History.Add(new HistoryEntry($"i{i}", type, i % 4 == 1 ? 1 : 0.1f, Now, $"c{i}", i % 4 == 0 ? null : $"s{i}", []));
        }
        var liked = state.History.AsEnumerable().Reverse().Where(h => h.Type == EventType.Like || h.Value >= 0.5).Take(UserSnapshot.RecentCount).ToList();
        var user = UserSnapshot.Create("u", state, Now);
        Assert.Equal(liked.Select(h => Key64.Of(h.CreatorId)), user.RecentCreators);
        Assert.Equal(liked.Where(h => h.SongId is not null).Select(h => Key64.Of(h.SongId!)), user.RecentSongs);
    }

    [Fact]
    public void A_snapshot_does_not_change_with_the_state_that_it_was_made_from()
    {
        var (state, seen) = (new UserState(), new SeenSet());
        var item = new ItemFacts("i", "c", "s", ItemKind.Audio, ["t"], [1, 0]);
        var e = new UserEvent { UserId = "u", ItemId = "i", Type = EventType.Like, Value = 0, Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(Now) };
        UserStateUpdater.Apply(state, seen, e, item);
        var user = UserSnapshot.Create("u", state, Now);
        var before = JsonSerializer.Serialize(user);
        UserStateUpdater.Apply(state, seen, e with { Type = EventType.Follow }, item with { Content = [0, 1], Tags = ["x"] });
        Assert.Equal(before, JsonSerializer.Serialize(user));
        Assert.NotEqual(before, JsonSerializer.Serialize(UserSnapshot.Create("u", state, Now)));
    }

    [Fact]
    public void A_user_is_known_by_profile_or_by_an_event()
    {
        Assert.False(UserSnapshot.Create("u", new UserState(), Now).IsKnown);
        Assert.True(UserSnapshot.Create("u", new UserState { Profile = new UserDocument() }, Now).IsKnown);
        Assert.True(UserSnapshot.Create("u", new UserState { LastEventAt = 1 }, Now).IsKnown);
        var unknown = UserSnapshot.Unknown("u");
        Assert.False(unknown.IsKnown);
        Assert.Equal([Key64.Of("u")], unknown.Blocked);
        Assert.Equal(EventTypes.All.Count, unknown.Counts.Count);
        Assert.Equal([Key64.Of("u")], UserSnapshot.Create("u", new UserState(), Now).Blocked);
    }

    [Fact]
    public void A_state_survives_json()
    {
        var (state, seen) = (new UserState { Profile = new UserDocument { UserId = "u", Follows = ["f"] } }, new SeenSet());
        var item = new ItemFacts("i", "c", "s", ItemKind.Video, ["t"], [0.6f, 0.8f]);
        foreach (var type in EventTypes.All.Select(t => t.Type))
            UserStateUpdater.Apply(state, seen,
                new UserEvent { UserId = "u", ItemId = "i", Type = type, Value = 1, Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(Now) }, item);
        state.Seen = seen.Pack();
        var back = JsonSerializer.Deserialize<UserState>(JsonSerializer.SerializeToUtf8Bytes(state, KgJson.Options), KgJson.Options)!;
        Assert.Equal(JsonSerializer.Serialize(UserSnapshot.Create("u", state, Now + 5)), JsonSerializer.Serialize(UserSnapshot.Create("u", back, Now + 5)));
        Assert.Equal(state.Seen, back.Seen);
        Assert.Equal(state.History.Select(h => (h.ItemId, h.Type, h.Value, h.At)), back.History.Select(h => (h.ItemId, h.Type, h.Value, h.At)));
    }
}
