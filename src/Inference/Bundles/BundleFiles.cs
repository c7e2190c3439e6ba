using System.Globalization;
using System.Security.Cryptography;
using KgOrleans.Inference.Features;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Inference.Bundles;

/// <summary>Reads the files of one bundle folder, within limits. It reads no file outside the folder.</summary>
internal sealed class BundleFiles(string directory, List<string> differences)
{
    public const string ManifestName = "manifest.json";
    public const string UserTower = "user_tower.onnx";
    public const string ItemTower = "item_tower.onnx";
    public const string Ranker = "ranker.onnx";
    public const string ReRanker = "reranker.onnx";
    public const string RecallUser = "recall_user.onnx";
    public const string RecallItem = "recall_item.onnx";
    public const string Factors = "factors.bin";

    // Far above real bundles, which have some megabytes and up to some million ids, and low enough to protect memory.
    private const long MaxManifestBytes = 1 << 20;
    private const long MaxGraphBytes = 256 << 20;
    private const long MaxVocabularyBytes = 128 << 20;
    private const long MaxFactorBytes = 1 << 30;
    // 16 hex digits and a line feed.
    private const int VocabularyLine = 17;

    // A tensor with data outside the graph file names that data by an entry with this key (field 1, 8 bytes).
    private static readonly byte[] ExternalDataKey = [0x0A, 0x08, .. "location"u8];

    public byte[]? ReadManifest() => Read(ManifestName, MaxManifestBytes);

    /// <summary>Reads a graph and checks its hash; null when it cannot be used.</summary>
    public byte[]? ReadGraph(string name, BundleManifest manifest)
    {
        if (Read(name, MaxGraphBytes) is not { } bytes || !HashMatches(name, bytes, manifest))
            return null;
        if (bytes.AsSpan().IndexOf(ExternalDataKey) < 0)
            return bytes;
        differences.Add($"{name}: uses data outside the file");
        return null;
    }

    /// <summary>Reads the file of factors and checks its hash; null when it cannot be used.</summary>
    public byte[]? ReadFactors(BundleManifest manifest) =>
        Read(Factors, MaxFactorBytes) is { } bytes && HashMatches(Factors, bytes, manifest) ? bytes : null;

    /// <summary>Reads a vocabulary and checks its hash and size; null when it cannot be used.</summary>
    public Vocabulary? ReadVocabulary(string name, VocabularyFile file, BundleManifest manifest)
    {
        var where = $"vocabulary {name}";
        if (!file.File.StartsWith("vocab/", StringComparison.Ordinal) || !IsSimpleName(file.File["vocab/".Length..]))
        {
            differences.Add($"{where}: {Shown(file.File)} is not a file in the folder vocab");
            return null;
        }
        // A catalogue without songs has a vocabulary of none: its file is empty.
        if (Read(file.File, MaxVocabularyBytes, minBytes: 0) is not { } bytes || !HashMatches(file.File, bytes, manifest))
            return null;
        if (bytes.Length % VocabularyLine != 0)
        {
            differences.Add($"{where}: {file.File} must consist of lines of 16 hex digits");
            return null;
        }
        var keys = new List<ulong>(bytes.Length / VocabularyLine);
        var known = new HashSet<ulong> { 0 };
        for (var at = 0; at < bytes.Length; at += VocabularyLine)
        {
            var isKey = ulong.TryParse(bytes.AsSpan(at, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var key);
            if (bytes[at + 16] != '\n' || !isKey || !known.Add(key))
            {
                differences.Add($"{where}: line {keys.Count + 1} of {file.File} is not a new key of 16 hex digits");
                return null;
            }
            keys.Add(key);
        }
        if (keys.Count == file.Size)
            return new Vocabulary(keys);
        differences.Add($"{where}: {file.File} has {keys.Count} ids, the manifest declares {file.Size}");
        return null;
    }

    private byte[]? Read(string name, long maxBytes, long minBytes = 1)
    {
        var file = new FileInfo(Path.Combine(directory, name));
        if (!file.Exists)
            differences.Add($"{name}: missing");
        else if (file.LinkTarget is not null || file.Directory!.LinkTarget is not null && file.Directory.FullName != Path.GetFullPath(directory))
            differences.Add($"{name}: is a link");
        else if (file.Length < minBytes || file.Length > maxBytes)
            differences.Add($"{name}: has {file.Length} bytes, must be {minBytes}..{maxBytes}");
        else
            return File.ReadAllBytes(file.FullName);
        return null;
    }

    private bool HashMatches(string name, byte[] bytes, BundleManifest manifest)
    {
        if (!manifest.Sha256.TryGetValue(name, out var declared))
        {
            differences.Add($"{name}: the manifest has no sha256 for it");
            return false;
        }
        var actual = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (string.Equals(declared, actual, StringComparison.OrdinalIgnoreCase))
            return true;
        differences.Add($"{name}: sha256 is {actual}, the manifest says {Shown(declared)}");
        return false;
    }

    private static bool IsSimpleName(string name) => Limits.IsId(name) && name[0] != '.' && !name.Contains(':');

    private static string Shown(string text) => text.Length <= 100 ? text : text[..100] + "...";
}
