using System.Security.Cryptography;
using System.Text.Json;
using KgOrleans.Inference.Factors;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Inference.Bundles;

/// <summary>Reads the factors of a bundle and compares them with its manifest.</summary>
internal static class FactorsReader
{
    /// <summary>Reads the file of factors. Returns the id of the embedding space; null when there are differences.</summary>
    public static string? Read(BundleFiles files, BundleManifest manifest, List<string> differences, out FactorSpace? space)
    {
        space = null;
        var bytes = files.ReadFactors(manifest);
        if (bytes is null || manifest.Factors is not { } section || !SettingsFit(manifest, section, differences))
            return null;
        space = FactorsFile.Read(bytes, section, differences);
        if (space is null || differences.Count > 0)
            return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Convert.FromHexString(manifest.Sha256[BundleFiles.Factors]));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(section, KgJson.Options));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    private static bool SettingsFit(BundleManifest manifest, FactorsSection section, List<string> differences)
    {
        try
        {
            section.Settings.Check();
        }
        catch (ArgumentOutOfRangeException e)
        {
            differences.Add($"manifest: factors.settings: {e.Message}");
            return false;
        }
        if (section.Settings.Dimension == manifest.EmbeddingDimension)
            return true;
        differences.Add($"manifest: factors.settings.dimension is {section.Settings.Dimension}, embeddingDimension is {manifest.EmbeddingDimension}");
        return false;
    }
}
