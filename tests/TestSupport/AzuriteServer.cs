using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace KgOrleans.TestSupport;

/// <summary>
/// A real Azurite blob service on a free port of the loopback interface, over a folder of its own. Can be stopped and started again on the same port and
/// folder.
/// </summary>
public sealed partial class AzuriteServer : IAsyncDisposable
{
    private const string Account = "devstoreaccount1";

    // The key of the emulator's account; every Azurite has it, its documentation prints it.
    private const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("kg-azurite-").FullName;
    private readonly string _program;
    private Process? _process;

    private AzuriteServer(string program) => _program = program;

    /// <summary>Why this machine cannot run it; null when it can.</summary>
    public static string? Missing { get; } = Which("node") && Which("npm") ? null : "Azurite needs Node.js with npm on the PATH";

    /// <summary>The port, the same over restarts.</summary>
    public int Port { get; private set; }

    /// <summary>A connection string with the account's key.</summary>
    public string ConnectionString => ConnectionStringThrough(Port);

    /// <summary>The account's address.</summary>
    public Uri ServiceUri => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/{Account}"));

    /// <summary>A connection string that reaches the service through another port, such as a proxy's.</summary>
    public static string ConnectionStringThrough(int port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={AccountKey};BlobEndpoint=http://127.0.0.1:{port}/{Account}");

    /// <summary>Installs the locked version when this clone has none yet, and starts it.</summary>
    public static async Task<AzuriteServer> StartAsync()
    {
        var server = new AzuriteServer(await InstalledAsync());
        await server.RestartAsync();
        return server;
    }

    /// <summary>Starts the service where it was, after <see cref="StopAsync"/>.</summary>
    public async Task RestartAsync()
    {
        string[] arguments =
        [
            _program, "--blobHost", "127.0.0.1", "--blobPort", Port.ToString(CultureInfo.InvariantCulture), "--location", _folder, "--skipApiVersionCheck",
            "--disableTelemetry", "--silent",
        ];
        var process = Process.Start(
            new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder })!;
        _process = process;
        var said = new ConcurrentQueue<string>();
        var port = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is not { } text)
                return;
            said.Enqueue(text);
            if (Listening().Match(text) is { Success: true } match)
                port.TrySetResult(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        }
        process.OutputDataReceived += Read;
        process.ErrorDataReceived += Read;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(StartLimit);
        if (await Task.WhenAny(port.Task, process.WaitForExitAsync(limit.Token)) != port.Task)
            throw new InvalidOperationException("Azurite did not start: " + string.Join('\n', said));
        Port = await port.Task;
    }

    /// <summary>
    /// Ends the process with SIGTERM, so that it saves its index. Azurite answers writes that it has in memory only, and loses them with SIGKILL: a weakness of
    /// the emulator that tests of durability must not take for one of what they test. Callers see no difference: connections break and nobody listens.
    /// </summary>
    public async Task StopAsync()
    {
        if (_process is not { } process)
            return;
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        using var limit = new CancellationTokenSource(StartLimit);
        await process.WaitForExitAsync(limit.Token);
        process.Dispose();
        _process = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Path of the locked version's program. The first caller of a clone installs it, others wait, in whatever process they are.</summary>
    private static async Task<string> InstalledAsync()
    {
        var home = Path.Combine(RepositoryRoot.Path, "tests", "TestSupport", "azurite");
        var modules = Path.Combine(home, "node_modules");
        var program = Path.Combine(modules, "azurite", "dist", "src", "blob", "main.js");
        // Written when everything is in place; a lock file that is newer asks for another version.
        var stamp = Path.Combine(modules, ".installed");
        Directory.CreateDirectory(modules);
        using var limit = new CancellationTokenSource(InstallLimit);
        await using var turn = await TurnAsync(Path.Combine(home, "install.lock"), limit.Token);
        if (!File.Exists(stamp) || File.GetLastWriteTimeUtc(stamp) < File.GetLastWriteTimeUtc(Path.Combine(home, "package-lock.json")))
        {
            var (exit, output) = await RunAsync(home, limit.Token, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional");
            if (exit != 0)
                throw new InvalidOperationException("npm ci failed in tests/TestSupport/azurite:\n" + output);
            await File.WriteAllTextAsync(stamp, "", limit.Token);
        }
        return program;
    }

    private static async Task<FileStream> TurnAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException)
            {
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(
        string folder, CancellationToken cancellationToken, string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    private static bool Which(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    [GeneratedRegex(@"successfully listens on http://127\.0\.0\.1:(\d+)")]
    private static partial Regex Listening();
}
