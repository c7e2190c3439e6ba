namespace KgOrleans.Cli.Replay;

/// <summary>The history of the demo world, generated in memory instead of read from a store.</summary>
internal static class ReplayDemoWorld
{
    public static ReplayHistory Of(DemoWorld.DemoWorld world, int seed) =>
        new(DemoWorld.DemoWorld.WorldId, $"demo world, seed {seed}", world.Items, world.Users.ToDictionary(u => u.UserId), world.Events);
}
