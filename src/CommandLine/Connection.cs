using System.CommandLine;
using KgOrleans.Client;

namespace KgOrleans.CommandLine;

/// <summary>The options of every command that talks to a service.</summary>
public sealed class Connection
{
    /// <summary>Address of a service started without configuration.</summary>
    public const string DefaultUrl = "http://127.0.0.1:8080";

    private readonly Option<string> _url = new("--url")
    {
        Description = $"Address of the service (environment: KG_URL).",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("KG_URL") is { Length: > 0 } url ? url : DefaultUrl,
    };

    // A key on the command line would show in the process list and in the shell's history.
    private readonly Option<FileInfo?> _apiKeyFile = new("--api-key-file")
    {
        Description = "File that holds the API key (environment: KG_API_KEY holds the key itself). Loopback needs none.",
    };

    /// <summary>Adds the options to a command.</summary>
    public Connection AddTo(Command command)
    {
        command.Options.Add(_url);
        command.Options.Add(_apiKeyFile);
        return this;
    }

    /// <summary>Address that an invocation names. Throws <see cref="InputException"/> when it is not an http address.</summary>
    public Uri Url(ParseResult parsed)
    {
        var text = parsed.GetValue(_url)!;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new InputException($"--url {text}: not an http:// or https:// address");
    }

    /// <summary>Opens a client; the caller disposes it.</summary>
    public KgClient Open(ParseResult parsed, RetryPolicy? retries = null) =>
        new(Url(parsed), ApiKey(parsed), retries ?? RetryPolicy.Default, TimeProvider.System);

    private string? ApiKey(ParseResult parsed)
    {
        if (parsed.GetValue(_apiKeyFile) is not { } file)
            return Environment.GetEnvironmentVariable("KG_API_KEY") is { Length: > 0 } key ? key : null;
        if (!file.Exists)
            throw new InputException($"--api-key-file {file}: no such file");
        var text = File.ReadAllText(file.FullName).Trim();
        return text.Length > 0 ? text : throw new InputException($"--api-key-file {file}: the file is empty");
    }
}
