// A Data Process step, Custom Scripting, Groovy 2.4: makes one document of all that comes in, a JSON
// array with one event for each billing record that this process has mapped. The connector sends
// each document as a request of its own, so this is one request for all of them.
import com.boomi.execution.ExecutionUtil
import groovy.json.JsonOutput
import groovy.json.JsonSlurper

def correlationId = ExecutionUtil.getRuntimeExecutionProperty("EXECUTION_ID")
def events = []

for (int i = 0; i < dataContext.getDataCount(); i++) {
    def billing = new JsonSlurper().parse(dataContext.getStream(i), "UTF-8")
    events << [
        event_id: correlationId + "/" + billing.id,
        occurred_at: billing.mappedAt,
        source: "boomi",
        object: [type: "billing_event", id: billing.id],
        action: "mapped",
        outcome: "ok",
        correlation_id: correlationId,
        money: [amount: billing.amount.toString(), currency: billing.currency],
        context: [contract: billing.contract],
        links: [[type: "time_entry", id: billing.timeEntry, relation: "from"]]
    ]
}

if (events) {
    def array = JsonOutput.toJson(events)
    dataContext.storeStream(new ByteArrayInputStream(array.getBytes("UTF-8")), new Properties())
}
