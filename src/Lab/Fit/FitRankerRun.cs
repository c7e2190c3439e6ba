using System.Globalization;
using KgOrleans.CommandLine;
using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Factors;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Scoring;

namespace KgOrleans.Lab.Fit;

/// <summary>
/// Fits a linear fine ranker from what was shown, taken and not taken. The history is cut in time twice: factors are fitted on what lies before the first cut,
/// so that no label of a row is in its features. The ranker learns from requests after it. The newest requests, after the second cut, decide whether it stays.
/// The bundle gets the factors of the whole history.
/// </summary>
internal sealed class FitRankerRun(ReplayHistory history, FitData likes, FitFixed given, int threads)
{
    // What scenes fuse by default.
    private static readonly string[] Objectives = ["play", "like", "share"];

    // The newest three tenths of the impressions are learnt from, and a third of these decide.
    private const double Learnt = 0.3;
    private const int OneInDecides = 3;

    // More change no weight of some forty that a page would show, and cost memory: a row has about 200 bytes.
    private const int MostImpressions = 1_500_000;

    private const int FewestPositives = 20;
    private const int FewestRequests = 50;

    /// <summary>Fits a ranker and decides.</summary>
    /// <param name="choice">Settings of the factors.</param>
    /// <param name="progress">Called after each pass of the factors' fit.</param>
    /// <param name="cancellation">Ends the fit.</param>
    public FitRankerOutcome Run(FitChoice choice, Action progress, CancellationToken cancellation)
    {
        var items = history.Items.Where(i => (i.WorldId ?? likes.World) == likes.World).ToArray();
        if (items.Length == 0)
            return FitRankerOutcome.None("there are no item documents, which its features are made of");
        var own = items.Select(i => i.ItemId).ToHashSet();
        var times = history.Events.Where(e => e.Type == EventType.Impression && own.Contains(e.ItemId)).Select(e => e.Timestamp!.Value).Order().ToArray();
        if (times.Length == 0)
            return FitRankerOutcome.None("the history has no impressions, so it does not tell what was shown and not taken");
        var used = Math.Clamp((int)(times.Length * Learnt), 1, MostImpressions);
        var (learnFrom, decideFrom) = (times[^used], times[^Math.Max(1, used / OneInDecides)]);
        FitData before;
        try
        {
            before = FitHistory.Read(history with { Events = [.. history.Events.Where(e => e.Timestamp < learnFrom)] }, likes.World);
        }
        catch (InputException e)
        {
            return FitRankerOutcome.None($"the history before its newest impressions has no factors: {e.Message}");
        }
        var space = new FitRun(before, given, threads).Fit(choice, progress, cancellation);
        var content = ContentOf(items);
        var plan = FeaturePlan.Create(FitRankerSchema.Of(content), BundleKind.Factors);
        var (learn, decide) = (new FitRankerRows(plan, space), new FitRankerRows(plan, space));
        new ReplayEngine(history with { Items = items }, new ReplayObjectives(Objectives), content).Run(request =>
        {
            cancellation.ThrowIfCancellationRequested();
            if (request.At >= learnFrom.ToUnixTimeMilliseconds())
                (request.At >= decideFrom.ToUnixTimeMilliseconds() ? decide : learn).Add(request);
        });
        return Decide(plan, learn, decide, cancellation);
    }

    private FitRankerOutcome Decide(FeaturePlan plan, FitRankerRows learn, FitRankerRows decide, CancellationToken cancellation)
    {
        var labels = Array.ConvertAll(Objectives, name => learn.LabelsOf(Array.IndexOf(Objectives, name)));
        var kept = Enumerable.Range(0, Objectives.Length).Where(k => labels[k].Count(l => l) >= FewestPositives).ToArray();
        string[] leftOut = [.. Objectives.Where((_, k) => !kept.Contains(k))];
        if (kept.Length == 0)
            return new FitRankerOutcome(
                null, Text($"the impressions to learn from ({learn.Count:N0}) have fewer than {FewestPositives} valid plays, likes or shares within an hour"),
                null, leftOut);
        var models = Array.ConvertAll(kept, k => LogisticRegression.Fit(learn.Values, learn.Width, labels[k], cancellation));
        string[] objectives = [.. kept.Select(k => Objectives[k])];
        var (weights, bias) = WeightsOf(models, learn);
        var score = FitRankerScore.Of(decide.Starts, decide.AnyLabel(), Ranked(decide, weights, bias, objectives), decide.FactorScores, given.Seed);
        if (score.Requests < FewestRequests)
            return new FitRankerOutcome(
                null, Text($"only {score.Requests:N0} of the newest requests have both an item that was taken and one that was not; it takes {FewestRequests}"),
                null, leftOut);
        return score.IsBetter
            ? new FitRankerOutcome(new FitRanker(objectives, plan.Schema, GraphOf(plan, weights, bias)), null, score, leftOut)
            : new FitRankerOutcome(null, "it orders what was shown no better than the factors alone", score, leftOut);
    }

    // Weights by feature, then objective, as a graph has them. The position counts as it did on average.
    private static (float[] Weights, float[] Bias) WeightsOf(LogisticRegression[] models, FitRankerRows learn)
    {
        var position = 0d;
        for (var row = 0; row < learn.Count; row++)
            position += learn.Values[(row * learn.Width) + learn.Features] / (double)learn.Count;
        var weights = new float[learn.Features * models.Length];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = (float)models[i % models.Length].Weights[i / models.Length];
        return (weights, Array.ConvertAll(models, m => (float)(m.Bias + (m.Weights[learn.Features] * position))));
    }

    private static float[] Ranked(FitRankerRows rows, float[] weights, float[] bias, string[] objectives)
    {
        var logits = new float[rows.Count * bias.Length];
        for (var row = 0; row < rows.Count; row++)
        {
            var own = logits.AsSpan(row * bias.Length, bias.Length);
            bias.CopyTo(own);
            for (var i = 0; i < rows.Features; i++)
            {
                var value = rows.Values[(row * rows.Width) + i];
                for (var k = 0; k < own.Length; k++)
                    own[k] += value * weights[(i * own.Length) + k];
            }
        }
        var fused = new float[rows.Count];
        new FusionPlan(new FineRankSettings(), objectives).Fuse(logits, fused);
        return fused;
    }

    private static byte[] GraphOf(FeaturePlan plan, float[] weights, float[] bias)
    {
        var inputs = new List<(string, int, int, float[])>();
        foreach (var input in plan.Inputs)
        {
            var first = inputs.Sum(i => i.Item4.Length);
            inputs.Add((input.Spec.Name, input.Rows, input.Width, weights[first..(first + (input.Width * bias.Length))]));
        }
        return LinearGraph.Build(inputs, bias, "logits");
    }

    // Vectors of several lengths are not of one catalogue, which then takes none of them for granted.
    private static int ContentOf(ItemDocument[] items)
    {
        var lengths = items.Select(i => i.Vectors?.GetValueOrDefault(ItemValidator.ContentVector)?.Length ?? 0).Where(n => n > 0).Distinct().Take(2).ToArray();
        return lengths.Length == 1 ? lengths[0] : 0;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
