using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Import.Sets;

/// <summary>
/// The rows of KuaiRand logs, kept small, and the events that they stand for. A row becomes one play event, or an impression when nothing was clicked or
/// played, and one event for each of like, dislike (hate), follow, comment and share (forward).
/// </summary>
public sealed class KuaiRandLog(IdScope ids)
{
    /// <summary>Value of a play whose video has no known duration (pictures): long view, valid play, neither.</summary>
    private const double UnknownLong = 0.75, UnknownValid = EventTypes.ValidPlay, UnknownShort = 0.25;

    private static readonly (Signals Signal, EventType Type)[] Reactions =
    [
        (Signals.Like, EventType.Like), (Signals.Hate, EventType.Dislike), (Signals.Follow, EventType.Follow), (Signals.Comment, EventType.Comment),
        (Signals.Forward, EventType.Share),
    ];

    private readonly List<Entry> _entries = [];
    private readonly HashSet<(int User, int Video, long Time)> _known = [];
    private readonly Dictionary<string, int> _users = [];
    private readonly Dictionary<string, int> _videos = [];
    private readonly List<double> _durations = [];

    [Flags]
    private enum Signals : byte
    {
        None = 0,
        Click = 1,
        LongView = 2,
        Like = 4,
        Hate = 8,
        Follow = 16,
        Comment = 32,
        Forward = 64,
    }

    /// <summary>Publisher's ids of the users in the log.</summary>
    public IEnumerable<string> Users => _users.Keys;

    /// <summary>Publisher's ids of the videos in the log, with their longest duration in milliseconds; 0 when it is not known.</summary>
    public IEnumerable<KeyValuePair<string, double>> Videos => _videos.Select(v => KeyValuePair.Create(v.Key, _durations[v.Value]));

    /// <summary>Time of the newest row.</summary>
    public DateTimeOffset? Newest => _entries.Count == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(_entries.Max(e => e.Time));

    /// <summary>Number of events.</summary>
    public long EventCount => _entries.Sum(e => 1L + Reactions.Count(r => e.Signals.HasFlag(r.Signal)));

    /// <summary>Takes the duration of the video's own features in place of the log's.</summary>
    public void SetDuration(string video, double? milliseconds)
    {
        if (milliseconds is { } known)
            _durations[_videos[video]] = known;
    }

    /// <summary>Reads one log.</summary>
    public void Read(DelimitedFile file)
    {
        var (user, video, time) = (file.Column("user_id"), file.Column("video_id"), file.Column("time_ms"));
        var (play, duration) = (file.Column("play_time_ms"), file.Column("duration_ms"));
        var label = file.FindColumn("label");
        (int Column, Signals Signal, string Yes)[] signals =
        [
            (file.Column("is_click"), Signals.Click, "1"), (file.Column("long_view"), Signals.LongView, "1"), (file.Column("is_follow"), Signals.Follow, "1"),
            (file.Column("is_comment"), Signals.Comment, "1"), (file.Column("is_forward"), Signals.Forward, "1"),
            // The publisher's logs have a column for each; the explicit extract has one label for both.
            (label ?? file.Column("is_like"), Signals.Like, "1"), (label ?? file.Column("is_hate"), Signals.Hate, label is null ? "1" : "0"),
        ];
        foreach (var row in file.Rows())
        {
            if (IdScope.RawId(row[user]) is not { } viewer || IdScope.RawId(row[video]) is not { } viewed)
                file.Report.Reject("id is not a number", row);
            else if (!WholeNumber.TryRead(row[time], out var at)
                || at < Limits.EarliestTime.ToUnixTimeMilliseconds() || at > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
                file.Report.Reject($"time_ms is not a time after {Limits.EarliestTime.Year}", row);
            else if (!WholeNumber.TryRead(row[play], out var played) || !WholeNumber.TryRead(row[duration], out var length) || length > 86_400_000)
                file.Report.Reject("play_time_ms or duration_ms is not a number of milliseconds", row);
            else if (signals.Any(s => WholeNumber.Digits(row[s.Column]) is not ("0" or "1")))
                file.Report.Reject("a signal is neither 0 nor 1", row);
            else
            {
                var (u, v) = (Index(_users, viewer), Index(_videos, viewed));
                if (v == _durations.Count)
                    _durations.Add(0);
                _durations[v] = Math.Max(_durations[v], length);
                var given = signals.Aggregate(Signals.None, (sum, s) => WholeNumber.Digits(row[s.Column]) == s.Yes ? sum | s.Signal : sum);
                if (_known.Add((u, v, at)))
                    _entries.Add(new Entry(u, v, at, (int)Math.Min(played, int.MaxValue), given));
                else
                    file.Report.Reject("repeats an earlier row: same user, video and time", row);
            }
        }
    }

    /// <summary>The events, user by user, each user's in time order.</summary>
    public IEnumerable<UserEvent> Events()
    {
        var users = _users.Keys.Select(ids.Id).ToArray();
        var videos = _videos.Keys.Select(ids.Id).ToArray();
        foreach (var entry in _entries.OrderBy(e => e.User).ThenBy(e => e.Time).ThenBy(e => e.Video))
        {
            var (user, video, at) = (users[entry.User], videos[entry.Video], DateTimeOffset.FromUnixTimeMilliseconds(entry.Time));
            var shown = entry.PlayedMs > 0 || entry.Signals.HasFlag(Signals.Click) ? EventType.Play : EventType.Impression;
            yield return Event(shown, user, video, at) with { Value = shown == EventType.Play ? PlayValue(entry) : null };
            foreach (var (signal, type) in Reactions)
            {
                if (entry.Signals.HasFlag(signal))
                    yield return Event(type, user, video, at);
            }
        }
    }

    /// <summary>Share played, at most 1. A long view is a valid play however long the video: its share is 0.5 at least.</summary>
    private double PlayValue(Entry entry)
    {
        var longView = entry.Signals.HasFlag(Signals.LongView);
        if (_durations[entry.Video] is > 0 and var duration)
        {
            var share = Math.Round(Math.Min(1, entry.PlayedMs / duration), 4);
            return longView ? Math.Max(share, EventTypes.ValidPlay) : share;
        }
        return entry.PlayedMs == 0 ? 0 : longView ? UnknownLong : entry.Signals.HasFlag(Signals.Click) ? UnknownValid : UnknownShort;
    }

    // The id names the row and what it says, not the time shift: importing twice adds nothing.
    private static UserEvent Event(EventType type, string user, string video, DateTimeOffset at) => new()
    {
        EventId = $"{KuaiRand.WorldId}:{type.ToString().ToLowerInvariant()}:{user}:{video}:{at.ToUnixTimeMilliseconds()}",
        UserId = user,
        ItemId = video,
        Type = type,
        Timestamp = at,
    };

    private static int Index(Dictionary<string, int> index, string key)
    {
        if (!index.TryGetValue(key, out var i))
            index.Add(key, i = index.Count);
        return i;
    }

    private readonly record struct Entry(int User, int Video, long Time, int PlayedMs, Signals Signals);
}
