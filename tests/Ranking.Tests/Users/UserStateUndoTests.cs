using CsCheck;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Tests.Users;

/// <summary>What <c>undo: true</c> does to a user's state.</summary>
[Trait("Suite", "Unit")]
public sealed class UserStateUndoTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly long NowMs = Now.ToUnixTimeMilliseconds();

    private static readonly Gen<(EventType Type, double Value, int Item, int Minutes)> Event =
        Gen.Select(Gen.Int[0, 8].Select(t => (EventType)t), Gen.Double[0, 1], Gen.Int[0, 5], Gen.Int[0, 60 * 24 * 60]);

    [Fact]
    public void What_is_taken_back_leaves_the_state_as_if_it_had_never_happened() => Gen.Select(Event.Array[0, 40], Gen.Int[2, 7], Gen.Int[0, 5], Gen.Int)
        .Sample((others, type, item, seed) =>
    {
        var undone = (EventType)type;
        var taken = Enumerable.Range(0, 1 + (seed & 1)).Select(i => (undone, 0d, item, 30 * i)).ToArray();
        // Another event of that type and item would be taken back as well.
        others = [.. others.Where(o => !(o.Type == undone && o.Item == item))];
        var mixed = others.Concat(taken).ToArray();
        new Random(seed).Shuffle(mixed);
        var (state, seen) = Run(mixed);
        Undo(state, seen, undone, Facts(item));
        var (expected, expectedSeen) = Run(mixed.Where(e => !taken.Contains(e)).ToArray());

        Assert.Equal(
            expected.History.Select(h => (h.ItemId, h.Type, h.At)).Order(), state.History.Select(h => (h.ItemId, h.Type, h.At)).Order());
        Assert.Equal(expected.Counts, state.Counts);
        Assert.Equal(expected.Followed.Order(), state.Followed.Order());
        foreach (var (before, after) in new[] { (expected.Tags, state.Tags), (expected.Creators, state.Creators), (expected.Songs, state.Songs) })
        {
            var weights = after.ToDictionary(t => t.Id, t => UserStateUpdater.WeightAt(t, NowMs));
            Assert.All(before, t => Assert.Equal(UserStateUpdater.WeightAt(t, NowMs), weights.GetValueOrDefault(t.Id), 1e-3));
            Assert.All(weights.Keys.Except(before.Select(t => t.Id)), id => Assert.Equal(0, weights[id], 1e-3));
        }
        for (var t = 0; t < 9; t++)
        {
            var rule = new SeenRule(1 << t, TimeSpan.FromDays(1_000), 1_000);
            Assert.Equal(expectedSeen.Select(rule, NowMs).Order(), seen.Select(rule, NowMs).Order());
        }
        Assert.Equal(expectedSeen.Count, seen.Count);
    });

    [Fact]
    public void Taking_back_moves_the_content_means_back()
    {
        var (state, seen) = (new UserState(), new SeenSet());
        var random = new Random(3);
        for (var i = 0; i < 60; i++)
            Apply(state, seen, EventType.Like, 0, Facts(i) with { Content = [random.NextSingle(), random.NextSingle()] }, Now.AddMinutes(-i * 7 % 60));
        var (longer, shorter) = (state.ContentLong, state.ContentShort);
        foreach (var minutes in new[] { 0, 3, 40, 100 })
        {
            var item = Facts(900) with { Content = [-1, 1] };
            Apply(state, seen, EventType.Share, 0, item, Now.AddMinutes(-minutes));
            if (minutes < 10)
                Assert.NotEqual(shorter, state.ContentShort);
            Undo(state, seen, EventType.Share, item);
            Assert.Equal(longer, state.ContentLong, (a, b) => Math.Abs(a - b) < 1e-5);
            Assert.Equal(shorter, state.ContentShort, (a, b) => Math.Abs(a - b) < 1e-5);
        }
        var (single, _) = (new UserState(), 0);
        Apply(single, seen, EventType.Like, 0, Facts(1) with { Content = [1, 0] }, Now);
        Undo(single, seen, EventType.Like, Facts(1) with { Content = [1, 0] });
        Assert.Empty(single.ContentLong);
        Assert.Empty(single.ContentShort);
    }

    [Fact]
    public void An_undo_of_a_follow_ends_it_whichever_item_of_the_creator_it_names_and_wherever_it_was_stated()
    {
        var (state, seen) = (new UserState { Profile = new UserDocument { Follows = ["stated", "kept"] } }, new SeenSet());
        Apply(state, seen, EventType.Follow, 0, Facts(1) with { CreatorId = "star" }, Now);
        Apply(state, seen, EventType.Follow, 0, Facts(2) with { CreatorId = "star" }, Now);
        Assert.Equal(["stated", "kept", "star"], state.FollowsInEffect());
        var version = state.ProfileVersion;
        Undo(state, seen, EventType.Follow, Facts(3) with { CreatorId = "star" });
        Undo(state, seen, EventType.Follow, Facts(4) with { CreatorId = "stated" });
        Assert.Equal(["kept"], state.FollowsInEffect());
        Assert.Equal(version + 2, state.ProfileVersion);
        Assert.Empty(state.Creators);
        Assert.Empty(state.History);
        Assert.Equal((0L, 0), (state.Counts[(int)EventType.Follow], seen.Count));
    }

    [Fact]
    public void What_the_history_has_forgotten_is_taken_back_once_by_what_is_known_of_the_item()
    {
        var (state, seen) = (new UserState(), new SeenSet());
        Apply(state, seen, EventType.Like, 0, Facts(1), Now.AddDays(-20));
        for (var i = 0; i < UserStateUpdater.HistoryLength; i++)
            Apply(state, seen, EventType.Skip, 0, Facts(2), Now);
        Assert.DoesNotContain("i1", state.History.Select(h => h.ItemId));
        Undo(state, seen, EventType.Like, Facts(1));
        Assert.DoesNotContain("u1", state.Tags.Select(t => t.Id));
        Assert.Equal(0, state.Counts[(int)EventType.Like]);
        Assert.False(seen.Has(Key64.Of("i1"), EventType.Like));
    }

    private static void Undo(UserState state, SeenSet seen, EventType type, ItemFacts item) => UserStateUpdater.Apply(
        state, seen, new UserEvent { UserId = "u", ItemId = item.ItemId, Type = type, Undo = true, Timestamp = Now, TakesBack = [] }, item);

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
