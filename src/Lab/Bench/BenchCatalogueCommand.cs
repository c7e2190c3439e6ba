using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KgOrleans.Client;
using KgOrleans.CommandLine;
using KgOrleans.DemoWorld;
using KgOrleans.Import.Upload;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Bench;

/// <summary><c>kg-lab bench catalogue</c>.</summary>
public static class BenchCatalogueCommand
{
    // Items of the demo world are drawn once; a variant differs from its original by about as much as two items of one song by one creator do.
    private const float ContentNoise = 0.15f;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("catalogue", "Fills a running demo up to a number of items with variants of the demo world's own, so that serving can be "
            + "measured at size. Repeating it changes nothing.");
        var items = new Option<int>("--items") { Description = "Items wanted in all, those of the demo world included.", DefaultValueFactory = _ => 1_000_000 };
        command.Options.Add(items);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            var wanted = parsed.GetValue(items);
            if (wanted is < 1 or > 20_000_000)
                throw new InputException("--items: must be 1..20000000");
            using var client = connection.Open(parsed, RetryPolicy.Default);
            var world = DemoWorldGenerator.Generate(new DemoWorldOptions(), TimeProvider.System.GetUtcNow());
            if (await client.FindItemAsync(world.Items[0].ItemId, cancellation) is null)
                throw new InputException($"{client.Url} has no item {world.Items[0].ItemId}: start the service with --demo");
            var report = new UploadReport("items");
            var start = TimeProvider.System.GetTimestamp();
            await DocumentUpload.SendAsync(
                client, "v1/items", NdjsonLine.Of(Variants(world.Items, wanted - world.Items.Count), w => w.ItemId), report, _ => { }, TimeProvider.System,
                cancellation);
            var took = TimeProvider.System.GetElapsedTime(start);
            terminal.WriteLine(JsonSerializer.Serialize(
                new
                {
                    name = "catalogue",
                    works = world.Items.Count + report.Accepted,
                    sent = report.Sent,
                    accepted = report.Accepted,
                    seconds = Math.Round(took.TotalSeconds, 1),
                    perSecond = Math.Round(report.Accepted / took.TotalSeconds),
                }, KgJson.Options));
            return report.Accepted == report.Sent ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static IEnumerable<ItemDocument> Variants(IReadOnlyList<ItemDocument> works, int count)
    {
        for (var i = 0; i < count; i++)
            yield return Variant(works[i % works.Count], 1 + (i / works.Count));
    }

    private static ItemDocument Variant(ItemDocument work, int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{work.ItemId}.{number}");
        // Seeded by the id: the same variant on every run.
        var random = new Random((int)Key64.Of(id));
        var content = work.Vectors![ItemValidator.ContentVector].Select(x => MathF.Round(x + (ContentNoise * (random.NextSingle() - 0.5f)), 3)).ToArray();
        return work with
        {
            ItemId = id,
            Quality = Math.Round(Math.Clamp(work.Quality!.Value + (0.2 * (random.NextDouble() - 0.5)), 0, 1), 3),
            PublishedAt = work.PublishedAt!.Value.AddMinutes(-random.Next(60 * 24)),
            Vectors = new Dictionary<string, float[]> { [ItemValidator.ContentVector] = content },
        };
    }
}
