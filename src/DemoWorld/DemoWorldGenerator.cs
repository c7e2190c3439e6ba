using KgOrleans.DemoWorld.Hidden;
using KgOrleans.DemoWorld.Observed;

namespace KgOrleans.DemoWorld;

/// <summary>Makes a demo world: first a hidden truth, then documents that show a noisy part of it, then four weeks of behaviour that follows from it.</summary>
public static class DemoWorldGenerator
{
    /// <summary>
    /// Generates a world. Equal options give the same world on every day. Only times depend on <paramref name="now"/>: they count from the last UTC midnight at
    /// or before it, so that hours of the day, which matter to users, stay the same. The newest item and event are up to a day old and never in the future.
    /// </summary>
    /// <param name="options">Sizes and seed.</param>
    /// <param name="now">Current time.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static DemoWorldData Generate(DemoWorldOptions options, DateTimeOffset now)
    {
        options.Validate();
        var midnight = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var world = new HiddenWorld(options);
        var truth = new Truth(world, midnight);
        var tags = new TagLatents(world);
        var items = new ItemWriter(world, tags, midnight).Write();
        var users = new UserWriter(world, truth, tags).Write();
        var events = new BehaviourLog(world, truth, items, users, midnight).Write();
        return new DemoWorldData(options.WorldId, items, users, events, truth) { Others = OtherItems.Of(items) };
    }
}
