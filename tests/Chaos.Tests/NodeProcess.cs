using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KgOrleans.Chaos.Tests;

/// <summary>The real server in a process of its own, so that it can be killed.</summary>
internal sealed partial class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private NodeProcess(Process process) => _process = process;

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    public int Id => _process.Id;

    public string Output => string.Join('\n', _output);

    /// <summary>Starts a node over a data directory and waits for a line that the server prints when it is ready.</summary>
    public static Task<NodeProcess> StartAsync(string data, string? readyLine = null, params string[] arguments) => StartAsync(data, [], readyLine, arguments);

    /// <inheritdoc cref="StartAsync(string, string?, string[])"/>
    public static async Task<NodeProcess> StartAsync(string data, Dictionary<string, string> environment, string? readyLine = null, params string[] arguments)
    {
        // A file that may not grow is then an error of the write, as a full disk is, and not the end of the process.
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory };
        foreach (var argument in (string[])["-c", "trap '' XFSZ; exec dotnet \"$@\"", "node"])
            start.ArgumentList.Add(argument);
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "KgOrleans.Api.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["Kg__Data__Path"] = data;
        start.Environment["Kg__Http__Urls"] = "http://127.0.0.1:0";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var node = new NodeProcess(Process.Start(start)!);
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (readyLine is null)
            ready.SetResult();
        void Read(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is not { } text)
                return;
            node._output.Enqueue(text);
            if (ListeningOn().Match(text) is { Success: true } match)
                address.TrySetResult(match.Groups[1].Value);
            if (readyLine is not null && text.Contains(readyLine, StringComparison.Ordinal))
                ready.TrySetResult();
        }
        node._process.OutputDataReceived += Read;
        node._process.ErrorDataReceived += Read;
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        var exited = node._process.WaitForExitAsync();
        var started = Task.WhenAll(address.Task, ready.Task);
        if (await Task.WhenAny(started, exited, Task.Delay(StartLimit)) != started)
        {
            await node.DisposeAsync();
            throw new InvalidOperationException("the node did not start:\n" + node.Output);
        }
        node.Http.BaseAddress = new Uri(await address.Task);
        using var wait = new CancellationTokenSource(StartLimit);
        while (true)
        {
            using var health = await node.Http.GetAsync("/health/ready", wait.Token);
            if (health.IsSuccessStatusCode)
                return node;
            await Task.Delay(20, wait.Token);
        }
    }

    /// <summary>SIGKILL: nothing of the process runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGINT, as Ctrl-C sends it. Returns the exit code.</summary>
    public async Task<int> InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async Task<JsonNode> PostAsync(string path, object body)
    {
        using var response = await Http.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<JsonArray> PageAsync(object request) => (JsonArray)(await PostAsync("/v1/recommend", request))["items"]!;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
        Http.Dispose();
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex ListeningOn();
}
