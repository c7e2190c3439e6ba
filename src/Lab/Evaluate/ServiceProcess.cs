using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using KgOrleans.Client;
using KgOrleans.CommandLine;

namespace KgOrleans.Lab.Evaluate;

/// <summary>A service of its own for a measurement: an empty data directory, a free port of this machine, gone at the end.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly DirectoryInfo _data;

    private ServiceProcess(Process process, DirectoryInfo data, Uri url)
    {
        (_process, _data) = (process, data);
        Client = new KgClient(url, null, RetryPolicy.Default, TimeProvider.System);
    }

    /// <summary>The service.</summary>
    public KgClient Client { get; }

    /// <summary>The program of this clone; null when it is not built.</summary>
    public static FileInfo? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "KgOrleans.sln")))
            {
                var file = new FileInfo(Path.Combine(folder.FullName, "src", "Api", "bin", "Release", "net10.0", "KgOrleans.Api.dll"));
                return file.Exists ? file : null;
            }
        }
        return null;
    }

    /// <summary>Starts a service and waits until it is ready.</summary>
    /// <param name="program">KgOrleans.Api.dll.</param>
    /// <param name="settings">Its configuration as environment variables, beside folder and address.</param>
    /// <param name="cancellation">Stops the wait, and the service.</param>
    /// <exception cref="InputException">It does not start; the message holds its last lines.</exception>
    public static async Task<ServiceProcess> StartAsync(
        FileInfo program, IReadOnlyDictionary<string, string> settings, CancellationToken cancellation)
    {
        var data = Directory.CreateTempSubdirectory("kg-evaluate-");
        var url = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(program.FullName);
        start.Environment["Kg__Data__Path"] = data.FullName;
        start.Environment["Kg__Http__Urls"] = url.ToString();
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        var service = new ServiceProcess(process, data, url);
        var output = new Queue<string>();
        void Keep(object sender, DataReceivedEventArgs line)
        {
            lock (output)
            {
                output.Enqueue(line.Data ?? "");
                if (output.Count > 20)
                    output.Dequeue();
            }
        }
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await service.ReadyAsync(url, cancellation);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            if (cancellation.IsCancellationRequested)
                throw;
            lock (output)
                throw new InputException($"{program} did not start:\n{string.Join('\n', output)}");
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _data.Delete(recursive: true);
    }

    private async Task ReadyAsync(Uri url, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(StartLimit);
        using var http = new HttpClient { BaseAddress = url };
        while (true)
        {
            if (_process.HasExited)
                throw new InvalidOperationException("the service has ended");
            try
            {
                using var health = await http.GetAsync("health/ready", limit.Token);
                if (health.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(100, limit.Token);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
