using CsCheck;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Tests.Users;

[Trait("Suite", "Unit")]
public sealed class UserStateUpdaterTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly long NowMs = Now.ToUnixTimeMilliseconds();
    private static readonly double HalfLife = UserStateUpdater.InterestHalfLife.TotalMilliseconds;

    private static readonly Gen<(EventType Type, double Value, int Item, int Minutes)> Event =
        Gen.Select(Gen.Int[0, 8].Select(t => (EventType)t), Gen.Double[0, 1], Gen.Int[0, 5], Gen.Int[0, 60 * 24 * 60]);

    [Fact]
    public void Interests_are_decayed_sums_whatever_the_order_in_which_events_arrive() => Gen.Select(Event.Array[0, 60], Gen.Int).Sample((events, seed) =>
    {
        var shuffled = events.ToArray();
        new Random(seed).Shuffle(shuffled);
        var expected = new Dictionary<string, double>();
        foreach (var e in events)
        {
            foreach (var tag in Facts(e.Item).Tags)
            {
                if (EventTypes.InterestOf(e.Type, e.Value) is var weight and not 0)
                    expected[tag] = expected.GetValueOrDefault(tag) + (weight * Math.Pow(2, -(NowMs - TimeOf(e.Minutes).ToUnixTimeMilliseconds()) / HalfLife));
            }
        }
        foreach (var order in new[] { events, shuffled })
        {
            var (state, seen) = Run(order);
            Assert.Equal(expected.Keys.Order(), state.Tags.Select(t => t.Id).Order());
            Assert.All(state.Tags, t => Assert.Equal(expected[t.Id], UserStateUpdater.WeightAt(t, NowMs), 1e-3));
            Assert.Equal(events.Select(e => TimeOf(e.Minutes).ToUnixTimeMilliseconds()).DefaultIfEmpty(0).Max(), state.LastEventAt);
            Assert.Equal(events.Length, state.Version);
            Assert.Equal(EventTypes.All.Select(t => events.LongCount(e => e.Type == t.Type)), state.Counts);
            Assert.Equal(events.Where(e => e.Type == EventType.Follow).Select(e => Facts(e.Item).CreatorId).Distinct().Order(), state.Followed.Order());
            Assert.Equal(
                events.Select(e => Key64.Of(Facts(e.Item).ItemId)).Distinct().Order(),
                seen.Select(new SeenRule(0x1FF, TimeSpan.FromDays(100), 1_000), NowMs).Order());
        }
    });

    [Fact]
    public void History_is_bounded_keeps_the_newest_in_order_and_leaves_impressions_out()
    {
        var (state, seen) = (new UserState(), new SeenSet());
        for (var i = 0; i < UserStateUpdater.HistoryLength + 50; i++)
        {
            Apply(state, seen, EventType.Play, 0.25, Facts(i), Now.AddSeconds(i));
            Apply(state, seen, EventType.Impression, 0, Facts(i), Now.AddSeconds(i));
        }
        Assert.Equal(Enumerable.Range(50, UserStateUpdater.HistoryLength).Select(i => $"i{i}"), state.History.Select(h => h.ItemId));
        var last = state.History[^1];
        Assert.Equal(
            (EventType.Play, 0.25f, Now.AddSeconds(177).ToUnixTimeMilliseconds(), Facts(177).CreatorId, Facts(177).SongId),
            (last.Type, last.Value, last.At, last.CreatorId, last.SongId));
    }

    [Fact]
    public void Events_that_arrive_late_stand_by_their_time_and_push_out_nothing_newer()
    {
        var (state, seen) = (new UserState(), new SeenSet());
        Apply(state, seen, EventType.Like, 0, Facts(1) with { Content = [1, 0] }, Now);
        Apply(state, seen, EventType.Follow, 0, Facts(2), Now);
        for (var i = 0; i < UserStateUpdater.HistoryLength + 50; i++)
            Apply(state, seen, EventType.Play, 1, Facts(100 + i) with { Content = [0, 1] }, Now.AddDays(-2_000).AddMinutes(i));
        Assert.Equal(["i2", "i1"], state.History.AsEnumerable().Reverse().Take(2).Select(h => h.ItemId));
        Assert.Equal(UserStateUpdater.HistoryLength, state.History.Count);
        Assert.Equal(state.History.Select(h => h.At).Order(), state.History.Select(h => h.At));
        var user = UserSnapshot.Create("u", state, NowMs);
        Assert.Equal(Key64.Of(Facts(2).CreatorId), user.JustPlayed[0].Creator);
        Assert.Equal([Key64.Of(Facts(2).CreatorId), Key64.Of(Facts(1).CreatorId)], user.RecentCreators.Take(2));
        Assert.Equal([Key64.Of(Facts(2).SongId!), Key64.Of(Facts(1).SongId!)], user.RecentSongs.Take(2));
        // Old items fill the window of the quick mean, and then leave it alone.
        Assert.InRange(state.ContentShort[0], 0.2f, 0.4f);
        // Interests of today stay, whatever was learnt of long ago.
        Assert.Contains("u1", state.Tags.Select(t => t.Id));
        Assert.Contains("u2", state.Tags.Select(t => t.Id));
    }

    [Fact]
    public void Follows_learnt_from_old_events_do_not_push_out_newer_ones()
    {
        var (state, seen) = (new UserState(), new SeenSet());
        Apply(state, seen, EventType.Follow, 0, Facts(0) with { CreatorId = "today" }, Now);
        for (var i = 0; i < Limits.UserLinks + 10; i++)
            Apply(state, seen, EventType.Follow, 0, Facts(1) with { CreatorId = $"old{i}" }, Now.AddDays(-2_000).AddMinutes(i));
        Assert.Contains("today", state.Followed);
        Assert.Equal((Limits.UserLinks, Limits.UserLinks), (state.Followed.Count, state.FollowedAt.Count));
    }

    [Fact]
    public void An_impression_counts_and_marks_as_seen_but_teaches_nothing()
    {
        var (state, seen) = Run([(EventType.Impression, 0, 1, 0)]);
        Assert.Equal((1, 1L, 1), (state.Version, state.Counts[0], seen.Count));
        Assert.Empty(state.History);
        Assert.Empty(state.Tags);
        Assert.Empty(state.Creators);
        Assert.Empty(state.Songs);
        Assert.Empty(state.ContentLong);
    }

    [Fact]
    public void An_event_teaches_tags_song_and_creator_and_interest_halves_every_half_life()
    {
        var (state, seen) = (new UserState(), new SeenSet());
        var at = Now.AddDays(-14);
        Apply(state, seen, EventType.Share, 0, Facts(1), at);
        Assert.Equal(Facts(1).Tags, state.Tags.Select(t => t.Id));
        foreach (var interest in state.Tags.Append(Assert.Single(state.Songs)).Append(Assert.Single(state.Creators)))
        {
            Assert.Equal((2f, at.ToUnixTimeMilliseconds()), (interest.Weight, interest.At));
            Assert.Equal(1f, UserStateUpdater.WeightAt(interest, NowMs));
            Assert.Equal(2f, UserStateUpdater.WeightAt(interest, interest.At - 1_000_000));
        }
        Apply(state, seen, EventType.Dislike, 0, Facts(1), Now);
        Assert.All(state.Tags, t => Assert.Equal(-1f, UserStateUpdater.WeightAt(t, NowMs)));
        Apply(state, seen, EventType.Like, 0, Facts(2) with { SongId = null }, Now);
        Assert.Single(state.Songs);
    }

    [Fact]
    public void A_full_list_of_interests_drops_the_weakest_as_of_the_event()
    {
        var (state, seen) = (new UserState(), new SeenSet());
        for (var i = 0; i < UserStateUpdater.InterestCount; i++)
            Apply(state, seen, i == 7 ? EventType.Dislike : EventType.Like, 0, Facts(100 + i) with { Tags = [$"t{i}"] }, i == 5 ? Now.AddDays(-60) : Now);
        Apply(state, seen, EventType.Skip, 0, Facts(300) with { Tags = ["new"] }, Now);
        Assert.Equal(UserStateUpdater.InterestCount, state.Tags.Count);
        Assert.Equal(
            Enumerable.Range(0, UserStateUpdater.InterestCount).Where(i => i != 5).Select(i => $"t{i}").Append("new").Order(),
            state.Tags.Select(t => t.Id).Order());
        Assert.Equal(UserStateUpdater.InterestCount, state.Creators.Count);
    }

    [Fact]
    public void A_follow_is_remembered_once()
    {
        var (state, _) = Run([(EventType.Follow, 0, 1, 0), (EventType.Follow, 0, 1, 5), (EventType.Follow, 0, 2, 6)]);
        Assert.Equal([Facts(1).CreatorId, Facts(2).CreatorId], state.Followed);
    }

    [Fact]
    public void Content_means_are_plain_until_their_windows_are_full_and_then_move_by_their_steps()
    {
        var (state, seen) = (new UserState(), new SeenSet());
        for (var n = 0; n < 10; n++)
            Apply(state, seen, EventType.Like, 0, Facts(n) with { Content = [n % 2, 0] }, Now);
        Assert.Equal(0.5f, state.ContentLong[0], 1e-5f);
        // 1 counts 4/5 less at every second step: 1/5 x (1 + 16/25 + ...).
        Assert.InRange(state.ContentShort[0], 0.54f, 0.57f);

        for (var n = 0; n < 60; n++)
            Apply(state, seen, EventType.Like, 0, Facts(n) with { Content = [0, 1] }, Now);
        var before = state.ContentLong[0];
        Apply(state, seen, EventType.Like, 0, Facts(1) with { Content = [0, 1] }, Now);
        Assert.Equal(before * 29 / 30, state.ContentLong[0], 1e-6f);
    }

    [Fact]
    public void Content_means_follow_liked_items_with_content_only()
    {
        var (state, seen) = (new UserState(), new SeenSet());
        Apply(state, seen, EventType.Like, 0, Facts(1) with { Content = [] }, Now);
        Assert.Empty(state.ContentLong);
        float[] first = [1, 0];
        Apply(state, seen, EventType.Play, 0.5, Facts(1) with { Content = first }, Now);
        Assert.Equal(first, state.ContentLong);
        Assert.NotSame(first, state.ContentLong);
        var before = state.ContentShort;
        Apply(state, seen, EventType.Gift, 1, Facts(2) with { Content = [0, 1] }, Now);
        Assert.Equal([2f / 3, 1f / 3], state.ContentLong.Select(x => x), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([2f / 3, 1f / 3], state.ContentShort.Select(x => x), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([1f, 0f], before);

        var (longer, shorter) = (state.ContentLong, state.ContentShort);
        foreach (var (type, value) in new[] { (EventType.Play, 0.49), (EventType.Skip, 0d), (EventType.Dislike, 0d), (EventType.Impression, 0d) })
            Apply(state, seen, type, value, Facts(3) with { Content = [-1, 0] }, Now);
        Assert.Same(longer, state.ContentLong);
        Assert.Same(shorter, state.ContentShort);

        // A catalogue whose vectors have become longer starts the means anew.
        Apply(state, seen, EventType.Like, 0, Facts(4) with { Content = [0, 0, 1] }, Now);
        Assert.Equal([0f, 0f, 1f], state.ContentLong);
    }

    private static ItemFacts Facts(int item) =>
        new($"i{item}", $"c{item % 4}-{item / 100}-{item}", $"s{item}", ItemKind.Audio, [$"t{item % 3}", $"u{item}"], []);

    private static DateTimeOffset TimeOf(int minutes) => Now.AddMinutes(-minutes);

    private static (UserState State, SeenSet Seen) Run((EventType Type, double Value, int Item, int Minutes)[] events)
    {
        var (state, seen) = (new UserState(), new SeenSet());
        foreach (var e in events)
            Apply(state, seen, e.Type, e.Value, Facts(e.Item), TimeOf(e.Minutes));
        return (state, seen);
    }

    private static void Apply(UserState state, SeenSet seen, EventType type, double value, ItemFacts item, DateTimeOffset at) =>
        UserStateUpdater.Apply(state, seen, new UserEvent { UserId = "u", ItemId = item.ItemId, Type = type, Value = value, Timestamp = at }, item);
}
