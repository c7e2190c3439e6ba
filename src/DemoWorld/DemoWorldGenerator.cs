using KgOrleans.DemoWorld.Hidden;
using KgOrleans.DemoWorld.Observed;

namespace KgOrleans.DemoWorld;

/// <summary>Makes a demo world: a hidden truth first, then the documents that show a noisy part of it, then four weeks of behaviour that follow from it.</summary>
public static class DemoWorldGenerator
{
    /// <summary>
    /// Generates a world. The same options give the same world on every day: all times hang on the last UTC midnight at or before <paramref name="now"/>, and nothing else depends on it, so that hours of the day (which matter to users)
    /// keep their meaning. The newest item and event are therefore up to a day old, and never in the future.
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
        return new DemoWorldData(options.WorldId, items, users, events, truth);
    }
}
