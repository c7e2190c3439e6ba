using System.Collections.Concurrent;
using System.CommandLine;
using KgOrleans.Client;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using Spectre.Console;

namespace KgOrleans.Cli.Recommend;

/// <summary><c>kg recommend</c>.</summary>
public static class RecommendCommand
{
    private const int LookupsInFlight = 8;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("recommend", "Asks for pages of items for a user and shows where each item comes from.");
        var user = new Argument<string>("user") { Description = "The user's id; an unknown one gets a cold-start page." };
        var scene = new Option<string>("--scene") { Description = "Scene to ask.", DefaultValueFactory = _ => BuiltInScenes.Feed };
        var pageSize = new Option<int>("--page-size") { Description = $"Items on a page, 1..{Limits.PageSize}.", DefaultValueFactory = _ => 10 };
        var pages = new Option<int>("--pages") { Description = "Pages to ask for, one after the other.", DefaultValueFactory = _ => 1 };
        var explain = new Option<bool>("--explain") { Description = "Show counts and times of every stage." };
        var live = new Option<bool>(
            "--live")
        { Description = "A real request: logged, and part of the user's session. Otherwise a dry run that changes nothing." };
        var json = new Option<bool>("--json") { Description = "Write every answer as it came, one line a page." };
        command.Arguments.Add(user);
        foreach (var option in (Option[])[scene, pageSize, pages, explain, live, json])
            command.Options.Add(option);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            using var client = connection.Open(parsed);
            var request = new RecommendRequest
            {
                UserId = parsed.GetRequiredValue(user),
                Scene = parsed.GetValue(scene)!,
                PageSize = parsed.GetValue(pageSize),
                Explain = parsed.GetValue(explain) ? true : null,
                DryRun = parsed.GetValue(live) ? null : true,
            };
            var count = parsed.GetValue(pages);
            if (count < 1)
                throw new InputException("--pages: must be at least 1");
            return await RunAsync(client, terminal, request, count, parsed.GetValue(json), cancellation);
        });
        return command;
    }

    internal static async Task<int> RunAsync(KgClient client, Terminal terminal, RecommendRequest request, int pages, bool json, CancellationToken cancellation)
    {
        for (var page = 1; page <= pages; page++)
        {
            var (text, reply) = await client.RecommendAsync(request, cancellation);
            if (json)
                terminal.WriteLine(text);
            else
                PageTable.Write(terminal.Out, request, page, reply, await LookUpAsync(client, reply, cancellation));
            if (reply.NextPageToken is not { } token)
            {
                if (page < pages && !json)
                    terminal.Out.WriteLine($"That was the last page: {page} of the {pages} asked for.");
                break;
            }
            request = request with { PageToken = token };
        }
        return ExitCode.Ok;
    }

    private static async Task<IReadOnlyDictionary<string, ItemDocument>> LookUpAsync(KgClient client, RecommendReply reply, CancellationToken cancellation)
    {
        var found = new ConcurrentDictionary<string, ItemDocument>();
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = LookupsInFlight, CancellationToken = cancellation };
        await Parallel.ForEachAsync(reply.Items, atOnce, async (item, c) =>
        {
            // An item deleted since the answer is shown without its document.
            if (await client.FindItemAsync(item.ItemId, c) is { } document)
                found[item.ItemId] = document;
        });
        return found;
    }
}
