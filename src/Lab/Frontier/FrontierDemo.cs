using KgOrleans.DemoWorld;
using KgOrleans.Inference.Bundles;
using KgOrleans.Lab.Evaluate;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Frontier;

/// <summary>The demo world: candidates by a bundle's towers and ranker, gains by the world's truth, which nothing was trained on.</summary>
internal static class FrontierDemo
{
    /// <summary>Reads the candidates of the first users.</summary>
    public static FrontierData Read(DemoWorldData world, ModelBundle bundle, DateTimeOffset now, int pool, int mostUsers, CancellationToken cancellation)
    {
        var evaluation = new EvaluateWorld(world, bundle, now);
        var users = new List<FrontierUser>();
        for (var u = 0; u < Math.Min(mostUsers, world.Users.Count); u++)
        {
            cancellation.ThrowIfCancellationRequested();
            var candidates = evaluation.PoolOf(u, pool);
            users.Add(new FrontierUser(Key64.Of(world.Users[u].UserId), candidates.Rows, candidates.Scores, candidates.Utilities, candidates.Ideal));
        }
        return new FrontierData(
            $"demo world {world.WorldId}", "expected utility of showing an item, from the generator", evaluation.Items, evaluation.Now, users);
    }
}
