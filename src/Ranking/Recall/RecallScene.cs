using System.Text.Json;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// What a scene says about rounds 1 and 2: whole sections of its document, so that a new setting reaches the shards without passing through other types. It
/// travels as JSON and is compiled once per version.
/// </summary>
/// <param name="discovery">Which items the scene draws from.</param>
/// <param name="recall">The channels.</param>
/// <param name="calibration">What is added to pre-rank scores.</param>
/// <param name="admission">The filter that all items of the scene match; null for none.</param>
/// <exception cref="FormatException">The admission is not a valid filter.</exception>
public sealed class RecallScene(DiscoverySettings discovery, RecallSettings recall, PreRankCalibration calibration, JsonElement? admission)
{
    // What another version of this software added to a section is skipped: silos of both versions serve during a roll-out.
    private static readonly JsonSerializerOptions WireOptions = new(
        KgJson.Options)
    { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip };

    /// <summary>All defaults: every item is admitted and nothing is calibrated.</summary>
    public static readonly RecallScene Default = new(new DiscoverySettings(), new RecallSettings(), new PreRankCalibration(), null);

    /// <summary>Which items the scene draws from.</summary>
    public DiscoverySettings Discovery { get; } = discovery;

    /// <summary>The channels.</summary>
    public RecallSettings Recall { get; } = recall;

    /// <summary>What is added to pre-rank scores.</summary>
    public PreRankCalibration Calibration { get; } = calibration;

    /// <summary>The filter that all items of the scene match; null for none.</summary>
    public JsonElement? Admission { get; } = admission;

    /// <summary>The admission, compiled.</summary>
    internal SceneAdmission? CompiledAdmission { get; } = admission is { } filter ? SceneAdmission.Parse(JsonSerializer.SerializeToUtf8Bytes(filter)) : null;

    /// <summary>What each tone adds, by key.</summary>
    internal (ulong Key, float Weight)[] Tones { get; } = Keyed(calibration.Tones);

    /// <summary>What each creator adds, by key.</summary>
    internal (ulong Key, float Weight)[] Creators { get; } = Keyed(calibration.Creators);

    /// <summary>Reads a scene as <see cref="ToUtf8"/> wrote it.</summary>
    /// <exception cref="JsonException">The bytes are something else.</exception>
    /// <exception cref="FormatException">The admission is not a valid filter.</exception>
    public static RecallScene Parse(byte[] utf8) =>
        JsonSerializer.Deserialize<RecallScene>(utf8, WireOptions) ?? throw new JsonException("The recall part of a scene is null.");

    /// <summary>The scene as UTF-8 JSON.</summary>
    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, WireOptions);

    /// <summary>Oldest publishing time that is eligible at a time; both in unix milliseconds.</summary>
    public long OldestPublishedAt(long now) => now - (long)TimeSpan.FromDays(Discovery.AgeWindowDays).TotalMilliseconds;

    private static (ulong, float)[] Keyed(IReadOnlyDictionary<string, double> weights) => [.. weights.Select(w => (Key64.Of(w.Key), (float)w.Value))];
}
