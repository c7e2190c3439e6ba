using System.CommandLine;
using Azure.Identity;
using Azure.Storage.Blobs;
using KgOrleans.CommandLine;

namespace KgOrleans.Lab.State;

/// <summary>Names of places on the command line, <c>sqlite:PATH</c> or <c>blob:CONTAINER</c>, and the account that containers are in.</summary>
internal sealed class StatePlaces
{
    private const string Variable = "KG_BLOB_CONNECTION";

    // A connection string on the command line would show in the process list and in the shell's history.
    private readonly Option<FileInfo?> _connectionFile = new("--blob-connection-file")
    {
        Description = $"File with the connection string of the account, or its URI: with a SAS, or without for the identity of this machine (environment: "
            + $"{Variable} holds it itself).",
    };

    /// <summary>Adds the option to a command.</summary>
    public StatePlaces AddTo(Command command)
    {
        command.Options.Add(_connectionFile);
        return this;
    }

    /// <summary>Splits a place into its kind and the rest. Throws <see cref="InputException"/> when it is none.</summary>
    public static (bool IsBlob, string Name) Parse(string option, string place) =>
        place.Split(':', 2) is ["sqlite" or "blob", { Length: > 0 } name] parts
            ? (parts[0] == "blob", name)
            : throw new InputException($"{option} {place}: give sqlite:PATH or blob:CONTAINER");

    /// <summary>The account. Throws <see cref="InputException"/> when none is named or its text is no account.</summary>
    public BlobServiceClient Account(ParseResult parsed)
    {
        var text = parsed.GetValue(_connectionFile) is { } file ? File.ReadAllText(file.FullName).Trim() : Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(text))
            throw new InputException($"a container needs an account: --blob-connection-file, or the environment's {Variable}");
        try
        {
            return !Uri.TryCreate(text, UriKind.Absolute, out var uri) ? new BlobServiceClient(text)
                : uri.Query.Contains("sig=", StringComparison.Ordinal) ? new BlobServiceClient(uri)
                : new BlobServiceClient(uri, new DefaultAzureCredential());
        }
        catch (FormatException e)
        {
            throw new InputException($"the account's connection string is not valid: {e.Message}");
        }
    }

    /// <summary>Opens a place.</summary>
    public async Task<IStatePlace> OpenAsync(ParseResult parsed, string option, string place, bool mustExist, CancellationToken cancellation)
    {
        var (isBlob, name) = Parse(option, place);
        return isBlob ? await BlobStatePlace.OpenAsync(Account(parsed), name, mustExist, cancellation) : SqliteStatePlace.Open(name, mustExist);
    }
}
