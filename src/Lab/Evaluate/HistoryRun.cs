using KgOrleans.Client;
using KgOrleans.CommandLine;
using KgOrleans.Import.Upload;
using Spectre.Console;

namespace KgOrleans.Lab.Evaluate;

/// <summary>Measures scenes of a fresh service, and baselines, on one split of a history.</summary>
internal sealed class HistoryRun(HistoryPlan plan, FileInfo program, Terminal terminal)
{
    private const int Callers = 4;
    private const int TimeoutMs = 30_000;

    // Counters follow events within two seconds.
    private static readonly TimeSpan CountersDelay = TimeSpan.FromSeconds(4);

    /// <summary>Runs one seed.</summary>
    public async Task<IReadOnlyList<HistoryResult>> RunAsync(int seed, CancellationToken cancellation)
    {
        var history = await HistoryReader.ReadAsync(plan, seed, cancellation);
        terminal.Error.WriteLine(
            $"seed {seed}: {history.Sent.Items.Count:N0} items, {history.Sent.EventCount:N0} events sent, "
            + $"{history.HeldOut.Values.Sum(h => h.Count):N0} positives of {history.HeldOut.Count:N0} users set aside");
        var results = Baselines(history, cancellation);
        await AskAllAsync(history, seed, "", new Dictionary<string, string>(), results, cancellation);
        if (!plan.Fit)
            return results;
        var bundle = Directory.CreateTempSubdirectory("kg-evaluate-");
        try
        {
            var folder = Path.Combine(bundle.FullName, "bundle");
            var world = HistoryFit.Write(history, folder, seed, terminal, cancellation);
            var settings = new Dictionary<string, string> { ["Kg__Model__Path"] = folder, ["Kg__Catalogue__WorldId"] = world };
            await AskAllAsync(history, seed, " after fit", settings, results, cancellation);
        }
        finally
        {
            bundle.Delete(recursive: true);
        }
        return results;
    }

    private async Task AskAllAsync(
        SplitHistory history, int seed, string suffix, Dictionary<string, string> settings, List<HistoryResult> results, CancellationToken cancellation)
    {
        await using var service = await ServiceProcess.StartAsync(program, settings, cancellation);
        await SendAsync(service.Client, history, cancellation);
        foreach (var scene in plan.Scenes)
            results.Add(await AskAsync(service.Client, scene with { Label = scene.Label + suffix }, seed, history, cancellation));
    }

    private static List<HistoryResult> Baselines(SplitHistory history, CancellationToken cancellation)
    {
        var matrix = new HistoryMatrix(history.Sent);
        (string Name, Action<int[], float[]>? Score)[] methods =
        [
            ("popularity", HistoryBaselines.Popularity(matrix)), ("item-kNN", HistoryBaselines.ItemKnn(matrix)), ("EASE", HistoryBaselines.Ease(matrix)),
            ("iALS", HistoryBaselines.Ials(matrix, cancellation)),
        ];
        var results = new List<HistoryResult>();
        foreach (var (name, score) in methods)
        {
            if (score is null)
                continue;
            var result = new HistoryResult(name, IsBaseline: true);
            var lists = new string[history.HeldOut.Count][];
            var users = history.HeldOut.Keys.Order(StringComparer.Ordinal).ToArray();
            Parallel.For(0, users.Length, new ParallelOptions { CancellationToken = cancellation }, () => new float[matrix.Items.Length], (u, _, scores) =>
            {
                var known = matrix.Of(users[u]);
                score(known, scores);
                foreach (var item in known)
                    scores[item] = float.NegativeInfinity;
                lists[u] = [.. EvaluateMetrics.Top(scores, [.. Enumerable.Range(0, scores.Length)], HistoryResult.Longest).Select(i => matrix.Items[i])];
                return scores;
            }, _ => { });
            for (var u = 0; u < users.Length; u++)
                result.Add(users[u], lists[u], lists[u], history.HeldOut[users[u]]);
            results.Add(result);
        }
        return results;
    }

    private async Task SendAsync(KgClient client, SplitHistory history, CancellationToken cancellation)
    {
        UploadReport items = new("items"), users = new("users"), events = new("events");
        await DocumentUpload.SendAsync(
            client, "v1/items", NdjsonLine.Of(history.Sent.Items, i => "item " + i.ItemId), items, _ => { }, TimeProvider.System, cancellation);
        await DocumentUpload.SendAsync(
            client, "v1/users", NdjsonLine.Of(history.Sent.Users, u => "user " + u.UserId), users, _ => { }, TimeProvider.System, cancellation);
        var named = history.Sent.Events.GroupBy(e => e.UserId).SelectMany(g => g.OrderBy(e => e.Timestamp)).Select(e => new NamedEvent("event", e));
        await new EventUpload(client, events, _ => { }, TimeProvider.System).SendAsync(named.ToAsyncEnumerable(), cancellation);
        foreach (var report in (UploadReport[])[items, users, events])
        {
            foreach (var reason in report.Rejected.Reasons)
            {
                var example = reason.Examples.Count > 0 ? $", as {reason.Examples[0]}" : "";
                terminal.Error.WriteLine($"{reason.Count:N0} of {report.Sent:N0} {report.Name} were refused: {reason.Text}{example}");
            }
        }
        await Task.Delay(CountersDelay, cancellation);
    }

    private static async Task<HistoryResult> AskAsync(
        KgClient client, HistoryScene scene, int seed, SplitHistory history, CancellationToken cancellation)
    {
        if (scene.Document is not null)
            await client.PutSceneAsync(scene.Scene, System.Text.Encoding.UTF8.GetBytes(scene.Document), null, cancellation);
        var result = new HistoryResult(scene.Label, IsBaseline: false);
        await Parallel.ForEachAsync(
            history.HeldOut, new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = cancellation }, async (user, token) =>
            {
                // As the baselines do: what the user has is no answer, however long ago it was.
                var known = history.Known(user.Key);
                var page = await PageAsync(client, scene.Scene, user.Key, known, HistoryResult.Shortest, seed, token);
                var longer = await PageAsync(client, scene.Scene, user.Key, known, HistoryResult.Longest, seed, token);
                lock (result)
                    result.Add(user.Key, page, longer, user.Value);
            });
        return result;
    }

    private static async Task<string[]> PageAsync(
        KgClient client, string scene, string user, string[] known, int size, int seed, CancellationToken cancellation)
    {
        var request = new RecommendRequest
        {
            UserId = user,
            Scene = scene,
            PageSize = size,
            Exclude = known,
            DryRun = true,
            Seed = seed,
            TimeoutMs = TimeoutMs,
        };
        var (_, reply) = await client.RecommendAsync(request, cancellation);
        return [.. reply.Items.Select(i => i.ItemId)];
    }
}
