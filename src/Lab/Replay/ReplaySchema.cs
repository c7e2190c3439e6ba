using System.Text.Json;
using KgOrleans.Inference.Features;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Replay;

/// <summary>What a log is written for: objectives and the feature schema; <c>training/schema.json</c>.</summary>
internal sealed record ReplaySchema
{
    public IReadOnlyList<string> Objectives { get; init; } = [];

    public FeatureSchema Schema { get; init; } = new();

    /// <summary>Reads the file. Throws <see cref="InvalidDataException"/> when it is none.</summary>
    public static ReplaySchema Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ReplaySchema>(File.ReadAllBytes(path), KgJson.Options) ?? throw new InvalidDataException($"{path} is null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }
}
