using KgOrleans.Storage;

namespace KgOrleans.Api.Demo;

/// <summary>
/// When the seeding of the demo world began. It is kept before anything is sent, so that a seeding that goes on after an interruption, on another day too, sends
/// the same documents and events and none of them counts twice.
/// </summary>
/// <param name="At">Time that the world is generated as of.</param>
internal sealed record DemoStart(DateTimeOffset At)
{
    private const string Name = "demo-start";

    /// <summary>The time that was kept; now, and kept, when there is none.</summary>
    public static DateTimeOffset Of(DataDirectory data, TimeProvider time)
    {
        if (data.ReadDocument<DemoStart>(Name) is { } kept)
            return kept.At;
        var start = new DemoStart(time.GetUtcNow());
        data.WriteDocument(Name, start);
        return start.At;
    }
}
