using System.Security.Cryptography;
using System.Text.Json;
using KgOrleans.Inference.Bundles;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Inference.Factors;

/// <summary>Writes bundles of kind factors.</summary>
public static class FactorBundle
{
    private static readonly JsonSerializerOptions Json = new(KgJson.Options) { WriteIndented = true };

    /// <summary>
    /// Writes a bundle. It is written beside the folder and checked as a server checks it before it gets the folder's name: an interrupted call leaves the
    /// folder as it was, and what it had written is replaced by the next.
    /// </summary>
    /// <param name="folder">Folder of the bundle; one that holds another bundle of factors is replaced.</param>
    /// <param name="space">What to write.</param>
    /// <param name="description">
    /// Version, world, metrics and training data; objectives, schema and content dimension of the ranker. All else is filled in.
    /// </param>
    /// <param name="ranker">The graph of the fine ranker; null for none.</param>
    /// <exception cref="IOException">The folder holds something else, or cannot be written.</exception>
    /// <exception cref="BundleException">A server would refuse the bundle.</exception>
    public static void Write(string folder, FactorSpace space, BundleManifest description, byte[]? ranker = null)
    {
        RequireReplaceable(folder);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var (part, old) = (full + ".part", full + ".old");
        Delete(part);
        Directory.CreateDirectory(part);
        var file = Path.Combine(part, BundleFiles.Factors);
        using (var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20))
        {
            FactorsFile.Write(stream, space);
            stream.Flush(flushToDisk: true);
        }
        var hashes = new Dictionary<string, string>();
        using (var stream = File.OpenRead(file))
            hashes.Add(BundleFiles.Factors, Convert.ToHexStringLower(SHA256.HashData(stream)));
        if (ranker is not null)
        {
            File.WriteAllBytes(Path.Combine(part, BundleFiles.Ranker), ranker);
            hashes.Add(BundleFiles.Ranker, Convert.ToHexStringLower(SHA256.HashData(ranker)));
        }
        var manifest = description with
        {
            FormatVersion = BundleManifest.CurrentFormat,
            Kind = BundleKind.Factors,
            EmbeddingDimension = space.Model.Dimension,
            Factors = new FactorsSection(space.Keys.Length, space.Content.Tokens.Length, space.Model.Settings),
            Sha256 = hashes,
        };
        File.WriteAllBytes(Path.Combine(part, BundleFiles.ManifestName), JsonSerializer.SerializeToUtf8Bytes(manifest, Json));
        ModelBundle.Load(part).Dispose();
        Delete(old);
        if (Directory.Exists(full))
            Directory.Move(full, old);
        Directory.Move(part, full);
        Delete(old);
    }

    /// <summary>Throws <see cref="IOException"/> when a folder holds something that is not a bundle of factors, and must not be replaced.</summary>
    public static void RequireReplaceable(string folder)
    {
        if (File.Exists(folder))
            throw new IOException($"{folder} is a file");
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
            return;
        var differences = new List<string>();
        var files = new BundleFiles(folder, differences);
        if (ManifestReader.Parse(files.ReadManifest(), differences)?.Kind != BundleKind.Factors)
            throw new IOException($"{folder} holds something that is not a bundle of factors; name another folder");
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
