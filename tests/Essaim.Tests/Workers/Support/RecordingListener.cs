using System.Threading.Channels;
using Essaim.Protocol;

namespace Essaim.Tests.Workers;

/// <summary>Keeps what an executor tells, in order: <c>ended</c>, <c>recalled</c>, <c>lost</c>, <c>progress</c>, <c>log</c>.</summary>
internal class RecordingListener : IExecutorListener
{
    private readonly Channel<(string What, object Fact)> _heard = Channel.CreateUnbounded<(string, object)>();

    public void OnEnded(TaskOutcome outcome) => _heard.Writer.TryWrite(("ended", outcome));

    public void OnRecalled(int count) => _heard.Writer.TryWrite(("recalled", count));

    public void OnLost(EndCause cause) => _heard.Writer.TryWrite(("lost", cause));

    public void OnProgress(double? fraction, string? text, RawJson data) => _heard.Writer.TryWrite(("progress", $"{fraction} {text} {data}"));

    public virtual void OnLog(string level, string line) => _heard.Writer.TryWrite(("log", $"{level}: {line}"));

    /// <summary>The next fact of this kind; others are passed over.</summary>
    public async Task<T> NextAsync<T>(string what)
    {
        while (true)
        {
            (string heard, object fact) = await _heard.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
                .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            if (heard == what)
                return (T)fact;
        }
    }

    /// <summary>Everything heard up to and including the next fact of this kind.</summary>
    public async Task<List<string>> UntilAsync(string what)
    {
        List<string> all = [];
        while (true)
        {
            (string heard, object fact) = await _heard.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
                .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            all.Add(heard == "log" ? (string)fact : heard);
            if (heard == what)
                return all;
        }
    }
}
