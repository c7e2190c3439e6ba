using KgOrleans.Inference.Bundles;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Bench;

/// <summary>One kernel of a request by itself.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Size">Items that it goes through.</param>
/// <param name="Ms">Median milliseconds on one thread: its CPU time.</param>
internal sealed record KernelTime(string Name, int Size, double Ms);

/// <summary>
/// The kernels of one request in the sizes of a scene, each alone in this process, one thread, on made-up rows: what the CPU time of a request is compared
/// with. A ranker's time depends on the number of items, not on what they are.
/// </summary>
internal static class ServeKernels
{
    private const int Repeat = 31;
    private static readonly int Kinds = Enum.GetValues<ItemKind>().Length;

    /// <summary>Measures.</summary>
    /// <param name="scene">Sizes of the stages.</param>
    /// <param name="works">Items of the catalogue.</param>
    /// <param name="pageSize">Works on a page.</param>
    /// <param name="bundle">Towers and ranker.</param>
    public static IReadOnlyList<KernelTime> Measure(SceneDocument scene, int works, int pageSize, ModelBundle bundle)
    {
        var recall = scene.Recall;
        var user = UserSnapshot.Unknown("nobody");
        var vector = new float[bundle.EmbeddingDimension];
        // Not that of a user of whom nothing is known: all items would score alike, which no scan is made for.
        Fill(vector, new Random(4));
        var times = new List<KernelTime> { new("user tower", 1, BenchClock.Median(Repeat, () => bundle.UserTower.Compute(user, 0))) };
        using (var rows = new KernelRows(works, bundle.EmbeddingDimension, 1, keepVectors: false))
        {
            // As serving does: more items of the channel than pre-ranking keeps are not picked.
            var k = Math.Min(Math.Min(recall.Model.Quota, scene.PreRank.Merge), works / 2);
            if (k > 0)
            {
                var found = new int[2 * k];
                times.Add(new("scan and re-score", works, BenchClock.Median(Repeat, () => rows.BestOfReScored(vector, k, found))));
            }
            var others = Math.Min(
                works, recall.Index.Quota + recall.Hot.Quota + recall.Social.Quota + recall.Fresh.Quota + recall.Region.Quota + recall.Continue.Quota);
            if (others > 0)
                times.Add(new("gather of the other channels", others, Gather(rows, vector, others)));
        }
        times.Add(
            Dpp(
                "diversity after pre-ranking", bundle.ContentDimension + Kinds, scene.PreRank.Merge, scene.PreRank.DiversePicks, scene.PreRank.Window,
                scene.PreRank.Theta));
        times.Add(new("ranker", scene.PreRank.Keep, Rank(bundle, scene.PreRank.Keep)));
        // As many picks as re-ranking wants for rules to choose from.
        times.Add(
            Dpp("diversity of the page", bundle.ContentDimension + Kinds, scene.FineRank.Keep, (2 * pageSize) + 20, scene.ReRank.Window, scene.ReRank.Theta));
        return times;
    }

    private static void Fill(Span<float> values, Random random)
    {
        foreach (ref var x in values)
            x = random.NextSingle() - 0.5f;
    }

    private static double Gather(KernelRows rows, float[] vector, int count)
    {
        var random = new Random(1);
        var order = new int[count];
        foreach (ref var row in order.AsSpan())
            row = random.Next(rows.Count);
        var scores = new float[count];
        return BenchClock.Median(Repeat, () => Int8Rescore.Gather(vector, rows.Table, order, scores));
    }

    private static KernelTime Dpp(string name, int dimension, int candidates, int picks, int window, double theta)
    {
        var random = new Random(2);
        var vectors = new float[candidates * dimension];
        var quality = new float[candidates];
        for (var i = 0; i < candidates; i++)
        {
            var row = vectors.AsSpan(i * dimension, dimension);
            Fill(row, random);
            VectorMath.Normalise(row);
            quality[i] = GreedyDpp.Quality(random.NextSingle(), (float)theta);
        }
        var (dpp, picked, gains) = (new GreedyDpp(), new int[Math.Min(picks, candidates)], new double[Math.Min(picks, candidates)]);
        return new(name, candidates, BenchClock.Median(Repeat, () => dpp.Select(vectors, dimension, quality, picked.Length, window, picked, gains)));
    }

    private static double Rank(ModelBundle bundle, int count)
    {
        var items = new ItemBlock(count, bundle.ContentDimension, 0);
        var random = new Random(3);
        Fill(items.Content, random);
        var logits = new float[count * bundle.Objectives.Count];
        var user = UserSnapshot.Unknown("nobody");
        var context = new Inference.RequestContext(0, Heads: bundle.UserTower.Compute(user, 0));
        return BenchClock.Median(Repeat, () => bundle.Ranker!.Score(user, items, context, logits));
    }
}
