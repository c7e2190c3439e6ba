using Microsoft.Extensions.Logging;

namespace KgOrleans.Storage.Logs;

/// <content>
/// Opens the log again after a failure that leaves unknown what is on the medium: a failed flush, an answer that was lost. Until then appends are refused, and
/// reads go on. What was refused will not be there, so that nobody has to catch up.
/// </content>
internal sealed partial class SegmentedLog
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(4);

    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private Task _healing = Task.CompletedTask;

    private void Stop(StorageException failure)
    {
        _failure = failure;
        string log = _medium.Describe(null);
        if (failure is LogFencedException)
        {
            LogFenced(failure, log);
            return;
        }
        LogStopped(failure, log);
        _healing = HealAsync(log);
    }

    private async Task HealAsync(string log)
    {
        var delay = FirstDelay;
        while (true)
        {
            await Task.Delay(delay, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_closing.IsCancellationRequested)
                return;
            await _manifestGate.WaitAsync();
            try
            {
                await _sealing;
                var opening = new LogOpening(_medium, _logger);
                var opened = await opening.ResumeAsync(_manifest, _end, _closing.Token);
                await _active.DisposeAsync();
                (_manifest, _tag, _active) = (opened.Manifest, opened.Tag, opened.Active);
                _failure = null;
                LogHealed(log);
                await ClearAsync(opening, log);
                return;
            }
            catch (LogFencedException fenced)
            {
                _failure = fenced;
                LogFenced(fenced, log);
                return;
            }
            catch (Exception exception)
            {
                LogStillStopped(exception, log, delay.TotalSeconds);
            }
            finally
            {
                _manifestGate.Release();
            }
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    private async Task ClearAsync(LogOpening opening, string log)
    {
        try
        {
            await opening.ClearAsync(_manifest, CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogNotCleared(exception, log);
        }
    }

    [LoggerMessage(10, LogLevel.Error, "Log {Log} could not be written. Appends are refused until it has been reopened, which is retried with growing delays")]
    private partial void LogStopped(Exception exception, string log);

    [LoggerMessage(11, LogLevel.Debug, "Log {Log} could not be reopened; the last delay was {Seconds} s")]
    private partial void LogStillStopped(Exception exception, string log, double seconds);

    [LoggerMessage(12, LogLevel.Warning, "Log {Log} has been reopened and takes appends again")]
    private partial void LogHealed(string log);

    [LoggerMessage(14, LogLevel.Warning, "Log {Log} keeps segments that it no longer needs; the next start removes them")]
    private partial void LogNotCleared(Exception exception, string log);

    [LoggerMessage(13, LogLevel.Error, "Log {Log} has been taken over by another writer: this one stops for good")]
    private partial void LogFenced(Exception exception, string log);
}
