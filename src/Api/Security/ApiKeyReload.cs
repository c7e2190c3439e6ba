using KgOrleans.Api.Hosting;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Security;

/// <summary>
/// Reads key files again every few seconds, so that keys are changed without a restart. The files are read rather than watched: mounted secrets are links that
/// are swapped, which watchers miss. While a file is unfit, the keys of before stay in use.
/// </summary>
internal sealed partial class ApiKeyReload(
    IOptions<ApiKeyOptions> options, ListenAddresses addresses, ApiKeyRing keys, TimeProvider time, ILogger<ApiKeyReload> logger) : IHostedService, IDisposable
{
    /// <summary>5 seconds: a changed key holds within the time in which mounts are updated.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private ITimer? _timer;
    private string _told = "";

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value is not { ReadFile: null, WriteFile: null, AdminFile: null })
            _timer = time.CreateTimer(_ => Reload(), state: null, Period, Period);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public void Dispose() => _timer?.Dispose();

    private void Reload()
    {
        var errors = new List<string>();
        if (ApiKeyRing.Load(options.Value, addresses.BeyondLoopback, errors) is { } newer && keys.Replace(newer))
            Replaced();
        var trouble = string.Join("; ", errors);
        if (trouble != _told && trouble.Length > 0)
            Unfit(trouble);
        _told = trouble;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The key files have changed; the new API keys are in use.")]
    private partial void Replaced();

    [LoggerMessage(Level = LogLevel.Error, Message = "The key files cannot be used, and the API keys of before stay in use: {Trouble}")]
    private partial void Unfit(string trouble);
}
