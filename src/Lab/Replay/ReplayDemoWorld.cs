using KgOrleans.DemoWorld;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Lab.Replay;

/// <summary>The history of the demo world, generated in memory instead of read from a store.</summary>
internal static class ReplayDemoWorld
{
    public static ReplayHistory Of(DemoWorldData world) => new(
        world.WorldId, $"demo world {world.WorldId}", world.Items, world.Users.ToDictionary(u => u.UserId),
        [.. world.Events.Select(e => EventValidator.Complete(e, e.Timestamp!.Value))]);
}
