// seriesd serves a page of metrics for Prometheus to scrape: so many series, whose values are other ones each time, and some of
// which are new ones after a while, as when pods are replaced.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"net/http"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "`address` to serve on")
	series := flag.Int("series", 2000, "`number` of series on the page")
	metrics := flag.Int("metrics", 20, "`number` of metric names that they have")
	churn := flag.Int("churn", 100, "`number` of series that are replaced at a time")
	every := flag.Duration("churn-every", 5*time.Second, "how `long` they live")
	flag.Parse()
	if *series < 1 || *metrics < 1 || *churn < 0 || *churn > *series || *every <= 0 {
		log.Fatal("seriesd: a number is out of range")
	}
	begun := time.Now()
	http.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		page := bufio.NewWriterSize(w, 1<<16)
		defer page.Flush()
		age := time.Since(begun)
		for metric := 0; metric < *metrics; metric++ {
			fmt.Fprintf(page, "# TYPE seriesd_%02d_total counter\n", metric)
			for i := metric; i < *series; i += *metrics {
				generation := int64(0)
				if i < *churn {
					generation = int64(age / *every)
				}
				fmt.Fprintf(page, "seriesd_%02d_total{pod=\"pod-%d\",generation=\"%d\",zone=\"zone-%d\"} %d\n",
					metric, i, generation, i%3, age.Milliseconds()*int64(1+i%17))
			}
		}
	})
	log.Printf("serving %d series on %s", *series, *listen)
	log.Fatal(http.ListenAndServe(*listen, nil))
}
