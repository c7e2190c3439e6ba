using System.Security.Cryptography;
using System.Text;
using KgOrleans.Api.Hosting;

namespace KgOrleans.Api.Recommend;

/// <summary>Where the key of page tokens comes from; section <c>Kg:PageTokens</c>.</summary>
public sealed class PageTokenOptions
{
    /// <summary>The key as text, at least 32 bytes of UTF-8. Needed when several processes serve the API.</summary>
    public string? Key { get; set; }

    /// <summary>File that holds the key.</summary>
    public string? KeyFile { get; set; }
}

/// <summary>Finds or makes the key of page tokens.</summary>
internal static class PageTokenKey
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The configured key, else the one kept under the data directory, made on the first start.</summary>
    /// <exception cref="StartRefusedException">The key is too short, or its file cannot be read.</exception>
    public static byte[] Load(PageTokenOptions options, string dataPath)
    {
        if (options.Key is not null && options.KeyFile is not null)
            throw new StartRefusedException("Kg:PageTokens:Key and Kg:PageTokens:KeyFile are both set; set only one");
        if (options.Key is { } text)
            return LongEnough(Encoding.UTF8.GetBytes(text), "Kg:PageTokens:Key");
        if (options.KeyFile is { } file)
            return LongEnough(SecretFile.Read(file, "Kg:PageTokens:KeyFile"), "Kg:PageTokens:KeyFile");
        var kept = Path.Combine(Path.GetFullPath(dataPath), "keys", "page-token.key");
        return File.Exists(kept) ? LongEnough(File.ReadAllBytes(kept), kept) : Make(kept);
    }

    private static byte[] Make(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var key = RandomNumberGenerator.GetBytes(PageTokens.MinKeyLength);
        // Written to another file and renamed: a process that is killed meanwhile leaves no short key behind.
        var aside = path + ".new";
        File.Delete(aside);
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(aside, create))
        {
            stream.Write(key);
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
        return key;
    }

    private static byte[] LongEnough(byte[] key, string source) => key.Length >= PageTokens.MinKeyLength
        ? key
        : throw new StartRefusedException($"{source} has {key.Length} bytes, at least {PageTokens.MinKeyLength} are needed");
}
