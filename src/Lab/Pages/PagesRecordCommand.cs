using System.CommandLine;
using System.Globalization;
using KgOrleans.Client;
using KgOrleans.CommandLine;
using KgOrleans.Lab.Bench;

namespace KgOrleans.Lab.Pages;

/// <summary><c>kg-lab pages record</c>.</summary>
public static class PagesRecordCommand
{
    // Two pages: the second runs the funnel again from a page token.
    private const int PagesOfAChain = 2;

    // The service's longest: a slow machine must not change a page.
    private const int TimeoutMs = 30_000;

    private const string AllScenes = "feed,follow,nearby,live,room,song,people,reviewable";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("record", "Records pages by dry runs: ids, positions, channels, reasons and every score. Two versions are comparable when "
            + "both serve a copy of one data directory.");
        var users = new Option<string>(
            "--users")
        { Description = "Number of users after --user-pattern, or a file with one id to a line.", DefaultValueFactory = _ => "50" };
        var pattern = new Option<string>("--user-pattern") { Description = "Ids of the users, numbered from 1.", DefaultValueFactory = _ => "u{0:0000}" };
        var scenes = new Option<string>("--scenes", "--scene") { Description = "Scenes to ask, separated by commas.", DefaultValueFactory = _ => AllScenes };
        var pageSize = new Option<int?>("--page-size") { Description = "Items on a page; the service's default when absent." };
        var seed = new Option<long>("--seed") { Description = "Seed of the random choices.", DefaultValueFactory = _ => 1 };
        var now = new Option<string>("--now")
        {
            Description = "Time to answer as of, as in 2026-01-31T12:00:00Z. The same for every recording to compare, and close to the data's newest time.",
            Required = true,
        };
        var output = new Option<FileInfo>("--out") { Description = "Recording to write.", Required = true };
        foreach (var option in (Option[])[users, pattern, scenes, pageSize, seed, now, output])
            command.Options.Add(option);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            var asked = parsed.GetRequiredValue(scenes).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (asked.Length == 0)
                throw new InputException("--scenes: names no scene");
            var recording = new PageRecording
            {
                Now = Time(parsed.GetRequiredValue(now)),
                Seed = parsed.GetValue(seed),
                PageSize = parsed.GetValue(pageSize),
                Pages = [],
            };
            var pages = new List<RecordedPage>();
            using var client = connection.Open(parsed);
            foreach (var user in BenchUsers.Read(parsed.GetRequiredValue(users), parsed.GetRequiredValue(pattern)))
            {
                foreach (var scene in asked)
                    await RecordAsync(client, recording, user, scene, pages, cancellation);
            }
            (recording with { Pages = pages }).Write(parsed.GetRequiredValue(output));
            terminal.WriteLine(
                $"{pages.Count} pages recorded, {pages.Count(p => p.Degraded.Count > 0)} of them degraded, {pages.Sum(p => p.Items.GetArrayLength())} items");
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task RecordAsync(
        KgClient client, PageRecording recording, string user, string scene, List<RecordedPage> pages, CancellationToken cancellation)
    {
        string? token = null;
        for (var page = 1; page <= PagesOfAChain; page++)
        {
            var request = new RecommendRequest
            {
                UserId = user,
                Scene = scene,
                PageSize = recording.PageSize,
                PageToken = token,
                Explain = true,
                TimeoutMs = TimeoutMs,
                DryRun = true,
                Seed = recording.Seed,
                Now = recording.Now,
            };
            var (json, reply) = await client.RecommendAsync(request, cancellation);
            pages.Add(RecordedPage.Of(user, scene, page, json, reply));
            token = reply.NextPageToken;
            if (token is null)
                return;
        }
    }

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new InputException($"--now {text}: is not a time");
}
