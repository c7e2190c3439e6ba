using System.Text.Unicode;

namespace KgOrleans.Api.Hosting;

/// <summary>Secrets that are mounted as files.</summary>
internal static class SecretFile
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Content of the file, which is UTF-8, without surrounding white space and byte order mark, which editors and shells add.</summary>
    /// <exception cref="StartRefusedException">The file cannot be read or is not UTF-8; <paramref name="setting"/> names it.</exception>
    public static byte[] Read(string path, string setting)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartRefusedException($"{setting}: {path} cannot be read: {exception.Message}");
        }
        // Other bytes would all be read as the same replacement character, and keys that differ as the same key.
        if (!Utf8.IsValid(bytes))
            throw new StartRefusedException($"{setting}: {path} is not UTF-8 text");
        var text = bytes.AsSpan();
        return (text.StartsWith(ByteOrderMark) ? text[ByteOrderMark.Length..] : text).Trim(" \t\r\n\v\f"u8).ToArray();
    }
}
