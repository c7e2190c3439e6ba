using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Tests.Users;

[Trait("Suite", "Unit")]
public sealed class EventMarksTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly UserState _state = new();
    private readonly SeenSet _seen = new();
    private int _seconds;

    [Theory]
    [InlineData(EventType.Play)]
    [InlineData(EventType.Like)]
    [InlineData(EventType.Follow)]
    [InlineData(EventType.Share)]
    [InlineData(EventType.Comment)]
    [InlineData(EventType.Gift)]
    public void Of_one_user_and_one_item_a_positive_event_counts_once_whether_in_one_call_or_many(EventType type)
    {
        var marked = Marked(Event(type, "i1"), Event(type, "i1"), Event(type, "i2"));
        Assert.Equal([null, true, null], marked.Select(e => e!.Repeat));
        Apply(marked);
        // Also when the state was stored and read in between.
        var stored = new UserState { Reactions = _state.Reactions, History = _state.History };
        var again = new EventMarks(stored, SeenSet.Unpack(_seen.Pack())).Mark(Event(type, "i1"), Facts("i1"));
        Assert.True(again!.Repeat);
        Assert.Equal(3, _state.History.Count);
    }

    [Fact]
    public void Plays_below_a_valid_one_and_impressions_are_no_repeats_and_do_not_make_the_first_valid_play_one()
    {
        Apply(Marked(Event(EventType.Play, "i1", 0.3), Event(EventType.Impression, "i1")));
        var marked = Marked(
            Event(EventType.Impression, "i1"), Event(EventType.Play, "i1", 0.2), Event(EventType.Play, "i1", 0.9), Event(EventType.Play, "i1", 0.7));
        Assert.Equal([null, null, null, true], marked.Select(e => e!.Repeat));
    }

    [Fact]
    public void The_first_sign_of_liking_an_item_pairs_it_with_those_liked_before_and_no_later_one_does()
    {
        var marked = Marked(
            Event(EventType.Like, "i1"), Event(EventType.Play, "i2", 0.2), Event(EventType.Impression, "i3"), Event(EventType.Play, "i2", 0.9),
            Event(EventType.Share, "i1"), Event(EventType.Dislike, "i4"), Event(EventType.Like, "i5"));
        Assert.Equal([[], null, null, Pairs("i1"), null, null, Pairs("i2", "i1")], marked.Select(e => e!.PairedWith));
        Apply(marked);
        // Taken back and done again, it is no news of two items together.
        Apply(Marked(Undo(EventType.Like, "i5")));
        Assert.All(Marked(Event(EventType.Like, "i5"), Event(EventType.Gift, "i1"), Event(EventType.Play, "i2", 1)), e => Assert.Null(e!.PairedWith));
        Assert.Equal(Pairs("i1", "i2"), Assert.Single(Marked(Event(EventType.Like, "i6")))!.PairedWith!.Take(2 * PartialKey.Bytes));
    }

    [Fact]
    public void An_item_is_paired_with_the_newest_liked_only()
    {
        for (var i = 0; i < 60; i++)
            Apply(Marked(Event(EventType.Like, $"i{i}")));
        var pairs = Assert.Single(Marked(Event(EventType.Like, "new")))!;
        Assert.Equal(ItemPairs.Most, ItemPairs.CountOf(pairs));
        Assert.Equal(Pairs([.. Enumerable.Range(0, ItemPairs.Most).Select(i => $"i{59 - i}")]), pairs.PairedWith);
    }

    [Fact]
    public void An_undo_names_the_event_that_counted_and_the_next_one_counts_again()
    {
        var (first, second) = (Event(EventType.Like, "i1"), Event(EventType.Like, "i1"));
        Apply(Marked(first, second));
        var undo = Assert.Single(Marked(Undo(EventType.Like, "i1")))!;
        Assert.Equal([new CountedEvent("i1", first.Timestamp!.Value.ToUnixTimeMilliseconds())], undo.TakesBack);
        Apply(undo);
        Assert.Null(Assert.Single(Marked(Event(EventType.Like, "i1")))!.Repeat);
        // All in one call as well.
        var call = Marked(Event(EventType.Like, "i2"), Undo(EventType.Like, "i2"), Event(EventType.Like, "i2"), Undo(EventType.Like, "i2"));
        Assert.Equal([null, 1, null, 1], call.Select(e => e!.TakesBack?.Count));
        Assert.All(call, e => Assert.Null(e!.Repeat));
    }

    [Fact]
    public void An_undo_of_a_follow_takes_back_what_every_item_of_the_creator_counted()
    {
        var events = new[] { Event(EventType.Follow, "i1"), Event(EventType.Follow, "i2"), Event(EventType.Follow, "other") };
        Apply(Marked(events));
        var undo = Assert.Single(Marked(Undo(EventType.Follow, "i3")))!;
        Assert.Equal(["i1", "i2"], undo.TakesBack!.Select(c => c.ItemId).Order());
        Apply(undo);
        Assert.Equal(["c-other"], _state.Followed);
    }

    [Fact]
    public void An_undo_of_what_was_never_done_is_refused_and_a_repeated_undo_takes_nothing_back()
    {
        Assert.Null(Assert.Single(Marked(Undo(EventType.Like, "i1"))));
        Assert.Null(Assert.Single(Marked(Undo(EventType.Follow, "i1"))));
        _state.Profile = new UserDocument { Follows = ["c"] };
        Assert.Empty(Assert.Single(Marked(Undo(EventType.Follow, "i1")))!.TakesBack!);
        Apply(Marked(Event(EventType.Dislike, "i1")));
        Apply(Marked(Undo(EventType.Dislike, "i1")));
        Assert.Empty(Assert.Single(Marked(Undo(EventType.Dislike, "i1")))!.TakesBack!);
    }

    [Fact]
    public void Without_ids_a_repeated_call_is_the_same_event_and_the_same_call_after_the_opposite_one_is_another()
    {
        UserEvent like = Unnamed(false), undo = Unnamed(true);
        var ids = new List<string>();
        foreach (var e in new[] { like, like, undo, undo, like, like, undo, undo })
        {
            var marked = Assert.Single(Marked(e))!;
            if (!ids.Contains(marked.EventId!))
                Apply(marked);
            ids.Add(marked.EventId!);
        }
        Assert.Equal([0, 0, 2, 2, 4, 4, 6, 6], ids.Select(id => ids.IndexOf(id)));
        Assert.Equal(like.EventId, ids[0]);
        // An id of the caller's own stays.
        Assert.Equal("mine", Assert.Single(Marked(like with { EventId = "mine" }))!.EventId);

        static UserEvent Unnamed(bool undo) =>
            EventValidator.Complete(new UserEvent { UserId = "u", ItemId = "i1", Type = EventType.Like, Undo = undo ? true : null }, Now);
    }

    [Fact]
    public void What_the_log_has_marked_stays_as_it_is()
    {
        var repeat = Event(EventType.Like, "i1") with { Repeat = true };
        var undo = Undo(EventType.Like, "i1") with { TakesBack = [] };
        Assert.Same(repeat, Assert.Single(Marked(repeat)));
        Assert.Same(undo, Assert.Single(Marked(undo)));
    }

    [Fact]
    public void Counters_follow_from_the_log_alone_and_are_those_of_what_was_not_taken_back()
    {
        var random = new Random(11);
        var (log, liked) = (new List<UserEvent>(), new HashSet<string>());
        for (var i = 0; i < 2_000; i++)
        {
            var id = $"i{random.Next(5)}";
            var undo = random.Next(3) == 0;
            if (Assert.Single(Marked(undo ? Undo(EventType.Like, id) : Event(EventType.Like, id))) is not { } marked)
                continue;
            Apply(marked);
            log.Add(marked);
            if (undo)
                liked.Remove(id);
            else
                liked.Add(id);
        }
        var counts = log.SelectMany(ItemCount.Of).GroupBy(c => c.ItemId).ToDictionary(g => g.Key, g => g.Sum(c => c.TakesBack ? -1 : 1));
        Assert.All(counts, c => Assert.Equal(liked.Contains(c.Key) ? 1 : 0, c.Value));
    }

    private static ItemFacts Facts(string id) => new(id, id == "other" ? "c-other" : "c", "s", ItemKind.Audio, ["t"], []);

    private UserEvent Event(EventType type, string item, double? value = null) => EventValidator.Complete(
        new UserEvent { UserId = "u", ItemId = item, Type = type, Value = value, EventId = $"e{_seconds}", Timestamp = Now.AddSeconds(_seconds++) }, Now);

    private UserEvent Undo(EventType type, string item) => Event(type, item) with { Undo = true };

    private UserEvent?[] Marked(params UserEvent[] events)
    {
        var marks = new EventMarks(_state, _seen);
        return Array.ConvertAll(events, e => marks.Mark(e, Facts(e.ItemId)));
    }

    private void Apply(params UserEvent?[] events)
    {
        foreach (var e in events)
            UserStateUpdater.Apply(_state, _seen, e!, Facts(e!.ItemId));
    }

    private static byte[] Pairs(params string[] items) => PartialKey.Pack(Array.ConvertAll(items, i => PartialKey.Of(Key64.Of(i))));
}
