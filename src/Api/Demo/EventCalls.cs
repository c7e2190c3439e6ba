using System.Text.Json;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Demo;

/// <summary>The body of one call of <c>POST /v1/events</c>.</summary>
/// <param name="Utf8">The body.</param>
/// <param name="Count">Events in it.</param>
internal readonly record struct EventCall(ReadOnlyMemory<byte> Utf8, int Count);

/// <summary>
/// Cuts a log into calls. All events of a user go into one call where they fit, so that calls can run side by side without mixing up anybody's order.
/// </summary>
internal static class EventCalls
{
    private const int Bytes = Limits.JsonBody * 3 / 4;
    private const int Events = 4_000;

    /// <summary>Calls for a log that holds users one after another.</summary>
    public static IEnumerable<EventCall> Of(IReadOnlyList<UserEvent> events)
    {
        var body = new MemoryStream();
        var count = 0;
        for (var i = 0; i < events.Count; i++)
        {
            body.Write(count++ == 0 ? "{\"events\":["u8 : ","u8);
            JsonSerializer.Serialize(body, events[i], KgJson.Options);
            var last = i == events.Count - 1;
            var userEnds = last || events[i + 1].UserId != events[i].UserId;
            if (!last && !((body.Length >= Bytes || count >= Events) && userEnds) && body.Length < Limits.JsonBody - 2_048 && count < Limits.EventsPerCall)
                continue;
            body.Write("]}"u8);
            yield return new EventCall(body.ToArray(), count);
            body.SetLength(0);
            count = 0;
        }
    }
}
