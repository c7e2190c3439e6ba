using KgOrleans.DemoWorld.Hidden;
using KgOrleans.DemoWorld.Sampling;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Users;

namespace KgOrleans.DemoWorld.Observed;

/// <summary>Plays the logged days: requests of each user, mostly in the evening, with ten impressions each and the events that follow from the truth.</summary>
internal sealed class BehaviourLog(
    HiddenWorld world, Truth truth, IReadOnlyList<ItemDocument> items, IReadOnlyList<UserDocument> users, DateTimeOffset midnight)
{
    private const int PageSize = 10;

    // A session ends before the next one starts: ten items take four minutes each at most, after a start in the slot's first hour.
    private const int SlotHours = 2;
    private const int SlotsPerDay = 24 / SlotHours;
    private const double LongestWatchSeconds = 240;

    // Chances of events without a valid play. Mostly nothing happens that a client reports.
    private const double BriefPlay = 0.05;
    private const double Skip = 0.045;
    private const double Dislike = 0.005;

    // Rarer signs of liking, as multiples of the probability of a like.
    private const double FollowPerLike = 0.12;
    private const double CommentPerLike = 0.1;
    private const double GiftPerLike = 0.02;

    private readonly LoggingPolicy _policy = new(world, items);
    private readonly List<UserEvent> _events = [];

    public List<UserEvent> Write()
    {
        for (var u = 0; u < users.Count; u++)
            WriteUser(u, new RandomStream(world.Options.Seed, StreamPurpose.Events, u));
        return _events;
    }

    private void WriteUser(int user, RandomStream random)
    {
        var sources = _policy.Sources(users[user]);
        var seen = new HashSet<int>();
        var followed = new HashSet<string>(users[user].Follows);
        var mean = world.Options.RequestsPerUser;
        var starts = DrawStarts(random.Between(mean - (mean / 3), mean + (mean / 3)), random);
        for (var request = 0; request < starts.Count; request++)
            WriteRequest(user, request, starts[request], sources, seen, followed, random);
    }

    private List<DateTimeOffset> DrawStarts(int count, RandomStream random)
    {
        var slots = new SortedSet<int>();
        while (slots.Count < count)
        {
            var slot = random.Next(world.Options.LoggedDays * SlotsPerDay);
            // Most listening is in the evening (12 h to 16 h UTC), least before dawn.
            var evening = 0.5 + (0.5 * Math.Cos(Math.Tau * ((slot % SlotsPerDay * SlotHours) - 13) / 24));
            if (random.Chance(0.15 + (0.85 * evening)))
                slots.Add(slot);
        }
        var starts = new List<DateTimeOffset>(count);
        foreach (var slot in slots)
            starts.Add(midnight.AddDays(-world.Options.LoggedDays).AddHours(slot * SlotHours).AddMilliseconds(random.Next(3_600_000)));
        return starts;
    }

    private void WriteRequest(
        int user, int number, DateTimeOffset start, List<List<int>> sources, HashSet<int> seen, HashSet<string> followed, RandomStream random)
    {
        var requestId = Ids.Request(user, number);
        var asker = new Truth.Asker(truth, user, start);
        Span<int> page = stackalloc int[PageSize];
        for (var position = 0; position < PageSize; position++)
        {
            page[position] = _policy.Next(users[user], sources, seen, start, random);
            Add(EventType.Impression, position, page[position], start, null);
        }
        var clock = start;
        for (var position = 0; position < PageSize; position++)
            clock = React(position, page[position], clock.AddMilliseconds(random.Between(800, 6_000)));

        DateTimeOffset React(int position, int item, DateTimeOffset at)
        {
            var chances = asker.Chances(item);
            if (!random.Chance(chances.Play))
            {
                var what = random.NextDouble();
                if (what < BriefPlay)
                    Add(EventType.Play, position, item, at, Math.Round(random.Between(0.02, 0.45), 2));
                else if (what < BriefPlay + Skip)
                    Add(EventType.Skip, position, item, at, null);
                else if (what < BriefPlay + Skip + Dislike)
                    Add(EventType.Dislike, position, item, at, null);
                return at;
            }
            var share = Math.Round(EventTypes.ValidPlay + ((1 - EventTypes.ValidPlay) * Math.Sqrt(random.NextDouble())), 2);
            at = at.AddSeconds(Math.Round(Math.Min(LongestWatchSeconds, share * items[item].DurationSeconds!.Value)));
            Add(EventType.Play, position, item, at, share);
            Sometimes(EventType.Like, chances.LikeAfterPlay);
            Sometimes(EventType.Share, chances.ShareAfterPlay);
            Sometimes(EventType.Comment, CommentPerLike * chances.LikeAfterPlay);
            if (random.Chance(FollowPerLike * chances.LikeAfterPlay) && followed.Add(items[item].CreatorId))
                Add(EventType.Follow, position, item, at = at.AddMilliseconds(random.Between(500, 3_000)), null);
            if (random.Chance(GiftPerLike * chances.LikeAfterPlay))
                Add(EventType.Gift, position, item, at = at.AddMilliseconds(random.Between(500, 3_000)), random.Between(1, 20));
            return at;

            void Sometimes(EventType type, double probability)
            {
                if (random.Chance(probability))
                    Add(type, position, item, at = at.AddMilliseconds(random.Between(500, 3_000)), null);
            }
        }

        // A user does each thing once with the item at a position, so the id is unique, and it is the same on every day.
        void Add(EventType type, int position, int item, DateTimeOffset at, double? value) => _events.Add(new UserEvent
        {
            EventId = $"{requestId}:{position}:{type.ToString().ToLowerInvariant()}",
            UserId = users[user].UserId,
            ItemId = items[item].ItemId,
            Type = type,
            Value = value,
            Timestamp = at,
            RequestId = requestId,
            Scene = BuiltInScenes.Feed,
            Position = position,
        });
    }
}
