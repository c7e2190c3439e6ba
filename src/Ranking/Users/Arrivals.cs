using System.Globalization;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Users;

/// <summary>
/// Ids of events that come without id and time. Such an event is a repeat of an equal one that arrived within <see cref="Window"/>: a caller that retries.
/// Later it is a new event: the user met the item again. Its id is <c>h:</c>, the hash of what was sent, a dot, and the time of arrival.
/// </summary>
public static class Arrivals
{
    /// <summary>How long an equal event is a repeat.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(2);

    /// <summary>Most arrivals remembered; a user who sends more within the window may have a repeat counted twice.</summary>
    public const int Capacity = 1_024;

    /// <summary>The id of an event that was completed with its hash as id and its arrival as time.</summary>
    /// <param name="known">Arrivals so far.</param>
    /// <param name="e">The event.</param>
    public static string IdOf(List<ArrivedEvent> known, UserEvent e)
    {
        var (key, at) = (Key64.Of(e.EventId!), AtOf(e));
        var before = known.FindLast(a => a.Event == key && Math.Abs(at - a.At) <= (long)Window.TotalMilliseconds);
        return string.Create(CultureInfo.InvariantCulture, $"{e.EventId}.{before?.At ?? at}");
    }

    /// <summary>Remembers an event if its id was made by <see cref="IdOf"/>, and forgets what no repeat can meet any more.</summary>
    public static void Add(List<ArrivedEvent> known, UserEvent e)
    {
        if (e.EventId is not { } id || !id.StartsWith("h:", StringComparison.Ordinal) || id.IndexOf('.', StringComparison.Ordinal) is not (> 0 and var dot)
            || !long.TryParse(ArrivalOf(id, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var at))
            return;
        var arrival = new ArrivedEvent(Key64.Of(id.AsSpan(0, dot)), at);
        if (known.Contains(arrival))
            return;
        known.Add(arrival);
        var newest = known.Max(a => a.At);
        known.RemoveAll(a => newest - a.At > (long)Window.TotalMilliseconds);
        if (known.Count > Capacity)
            known.RemoveRange(0, known.Count - Capacity);
    }

    // How often the event was taken back may follow behind a colon (EventMarks).
    private static ReadOnlySpan<char> ArrivalOf(string id, int dot) =>
        id.AsSpan(dot + 1, (id.IndexOf(':', dot) is > 0 and var colon ? colon : id.Length) - dot - 1);

    private static long AtOf(UserEvent e) => e.Timestamp!.Value.ToUnixTimeMilliseconds();
}
