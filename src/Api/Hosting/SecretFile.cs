using System.Text;

namespace KgOrleans.Api.Hosting;

/// <summary>Secrets that are mounted as files.</summary>
internal static class SecretFile
{
    /// <summary>Content of the file without surrounding white space, which editors and shells add.</summary>
    /// <exception cref="StartRefusedException">The file cannot be read; <paramref name="setting"/> names it.</exception>
    public static byte[] Read(string path, string setting)
    {
        try
        {
            return Encoding.UTF8.GetBytes(File.ReadAllText(path).Trim());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartRefusedException($"{setting}: {path} cannot be read: {exception.Message}");
        }
    }
}
