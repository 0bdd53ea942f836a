"""SAP Business One 10.0 over the Service Layer (OData v4); see adapter.SapB1Erp."""
